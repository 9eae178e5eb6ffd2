import fc from 'fast-check'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ActorModel, Model } from '../../model/model.ts'
import type { ActorSettings, ProjectSettings } from '../../model/settings.ts'
import { smallest, triage } from '../testing/models.ts'
import { emitKubernetes } from './emit-kubernetes.ts'

const [shout] = smallest.actors as readonly [ActorModel]

function makeModel(settings: ActorSettings, project: Partial<ProjectSettings> = {}): Model {
  return {
    ...smallest,
    project: { ...smallest.project, ...project },
    actors: [{ ...shout, settings }],
  }
}

function contentOf(model: Model, path: string): string {
  return emitKubernetes(model).find((file) => file.path === path)?.content ?? ''
}

interface Emitted {
  readonly spec: {
    readonly scaling?: object
    readonly workload: {
      readonly replicas?: number
      readonly template: {
        readonly spec: {
          readonly containers: readonly {
            readonly image: string
            readonly env?: readonly { readonly name: string; readonly value?: string }[]
          }[]
        }
      }
    }
  }
}

/** As Kubernetes reads it. */
function emit(settings: ActorSettings, project: Partial<ProjectSettings> = {}): Emitted {
  const content = contentOf(makeModel(settings, project), 'kubernetes/shout.yaml')
  return parse(content, { version: '1.1' }) as Emitted
}

const everything: ActorSettings = {
  timeoutMs: 90_500,
  gracefulShutdownMs: 45_000,
  concurrency: 4,
  retry: {
    maxAttempts: 5,
    initialDelayMs: 500,
    maxDelayMs: 90_000,
    backoff: 1.5,
    retryCodes: ['validation_error'],
    fatalCodes: ['oom_error'],
  },
  scaling: {
    min: 0,
    max: 10,
    queueLength: 2,
    pollingIntervalMs: 2_500,
    cooldownPeriodMs: 120_000,
    paused: true,
    protocol: 'amqp',
    fallback: { behavior: 'currentReplicas', replicas: 2, failureThreshold: 4 },
    authenticationRef: { kind: 'ClusterTriggerAuthentication', name: 'broker' },
  },
  workload: { type: 'StatefulSet' },
  resources: { cpu: '500m', memory: '2Gi', gpu: 1 },
  env: {
    REGION: { configMap: 'site', key: 'region' },
    MODEL: { value: 'on' },
    API_KEY: { secret: 'model', key: 'api-key' },
  },
  nodeSelector: { zone: 'b', 'example.com/disk': 'fast' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
  sidecar: {
    mode: 'Container',
    env: { ASYA_LOG_LEVEL: { value: 'debug' }, A: { secret: 'sidecar', key: 'a' } },
    resources: { cpu: '100m', memory: '64Mi' },
    imagePullPolicy: 'Always',
    image: 'registry.example.com/asya-sidecar:1',
  },
  socket: { maxSize: 1_048_576, path: '/run/asya/app.sock' },
}

describe('the resource of an actor', () => {
  test('Of an actor that says nothing it is a queue and a workload.', () => {
    expect(contentOf(smallest, 'kubernetes/shout.yaml')).toMatchInlineSnapshot(`
      "# Made by \`asya build\` from actors/shout.ts. Do not edit: change that, and build again.
      apiVersion: asya.io/v1alpha1
      kind: AsyncActor
      metadata:
        name: shout
      spec:
        queueName: shout
        workload:
          template:
            spec:
              containers:
                - name: runtime
                  image: shout:0.1.0
      "
    `)
  })

  test('It says all that its author said, in the words and units of Kubernetes.', () => {
    const model = makeModel(everything, {
      namespace: 'triage',
      image: { registry: 'registry.example.com/team', tag: '2024.1' },
      broker: {
        host: 'rabbitmq.messaging.svc',
        vhost: 'docs',
        username: 'asya',
        passwordSecret: { name: 'rabbitmq', key: 'password' },
        exchange: 'asya-docs',
        management: { scheme: 'https', port: 15_671 },
      },
    })
    expect(contentOf(model, 'kubernetes/shout.yaml')).toMatchInlineSnapshot(`
      "# Made by \`asya build\` from actors/shout.ts. Do not edit: change that, and build again.
      apiVersion: asya.io/v1alpha1
      kind: AsyncActor
      metadata:
        name: shout
        namespace: triage
      spec:
        queueName: shout
        transport:
          rabbitmq:
            host: rabbitmq.messaging.svc
            vhost: docs
            exchange: asya-docs
            username: asya
            passwordSecretRef:
              name: rabbitmq
              key: password
            management:
              port: 15671
              scheme: https
        sidecar:
          image: registry.example.com/asya-sidecar:1
          imagePullPolicy: Always
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
            limits:
              memory: 64Mi
          env:
            - name: A
              valueFrom:
                secretKeyRef:
                  name: sidecar
                  key: a
            - name: ASYA_LOG_LEVEL
              value: debug
          mode: Container
        socket:
          path: /run/asya/app.sock
          maxSize: 1048576
        timeout:
          processing: 91
          gracefulShutdown: 45
        concurrency: 4
        retry:
          maxAttempts: 5
          initialDelay: 500ms
          maxDelay: 1m30s
          factor: 1.5
          retryCodes:
            - validation_error
          fatalCodes:
            - oom_error
        scaling:
          minReplicas: 0
          maxReplicas: 10
          pollingInterval: 3
          cooldownPeriod: 120
          queueLength: 2
          paused: true
          protocol: amqp
          fallback:
            replicas: 2
            failureThreshold: 4
            behavior: currentReplicas
          authenticationRef:
            name: broker
            kind: ClusterTriggerAuthentication
        workload:
          type: StatefulSet
          template:
            spec:
              containers:
                - name: runtime
                  image: registry.example.com/team/shout:2024.1
                  env:
                    - name: API_KEY
                      valueFrom:
                        secretKeyRef:
                          name: model
                          key: api-key
                    - name: MODEL
                      value: "on"
                    - name: REGION
                      valueFrom:
                        configMapKeyRef:
                          name: site
                          key: region
                  resources:
                    requests:
                      cpu: 500m
                      memory: 2Gi
                    limits:
                      memory: 2Gi
                      nvidia.com/gpu: 1
              nodeSelector:
                example.com/disk: fast
                zone: b
              tolerations:
                - key: nvidia.com/gpu
                  operator: Exists
                  effect: NoSchedule
      "
    `)
  })

  test('Its description stands in its head, whatever is in it.', () => {
    const described = { ...shout, description: 'Says\n\nit: - louder', deprecated: 'use\nsing' }
    const lines = contentOf({ ...smallest, actors: [described] }, 'kubernetes/shout.yaml').split(
      '\n',
    )
    expect(lines.slice(1, 8)).toEqual([
      '#',
      '# Says',
      '#',
      '# it: - louder',
      '#',
      '# Deprecated: use sing',
      'apiVersion: asya.io/v1alpha1',
    ])
  })

  test('With replicas the queue decides nothing.', () => {
    const { spec } = emit({ workload: { replicas: 3 } })
    expect(spec).toMatchObject({ scaling: { enabled: false }, workload: { replicas: 3 } })
  })

  test('Where the project says replicas and the actor how it scales, the actor is right.', () => {
    const settings: ActorSettings = { workload: { replicas: 3 }, scaling: { max: 5 } }
    const origins = {
      'workload.replicas': { from: 'project' },
      'scaling.max': { from: 'options' },
    } as const
    const model = { ...smallest, actors: [{ ...shout, settings, origins }] }
    const { spec } = parse(contentOf(model, 'kubernetes/shout.yaml')) as Emitted
    expect(spec.scaling).toEqual({ maxReplicas: 5 })
    expect(spec.workload.replicas).toBeUndefined()
    expect(emit(settings).spec.scaling).toEqual({ enabled: false })
  })

  test('The image of its own goes before the one that the build makes, and a version is a tag.', () => {
    const imageOf = ({ spec }: Emitted) => spec.workload.template.spec.containers[0]?.image
    expect(imageOf(emit({ image: 'a/b:1' }, { image: { tag: '2' } }))).toBe('a/b:1')
    expect(imageOf(emit({}, { version: '1.0.0-rc.1+build.5' }))).toBe('shout:1.0.0-rc.1_build.5')
  })

  test("A variable has its author's text, whatever YAML or Kubernetes would make of it.", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'on',
        'No',
        '~',
        '012',
        '1e3',
        '12:30',
        '$(HOME)',
        '$$',
        '$$(A)',
        'a: b',
        '#',
      ),
      fc.stringMatching(/^[$()A-Z]{0,8}$/),
    )
    fc.assert(
      fc.property(text, (value) => {
        const { spec } = emit({ env: { TEXT: { value } } })
        const emitted = spec.workload.template.spec.containers[0]?.env?.[0]?.value
        expect(expandReferences(emitted ?? '')).toBe(value)
      }),
    )
  })

  test('No actor of somebody else has one, and without actors there is no kustomization.', () => {
    const paths = emitKubernetes(triage).map(({ path }) => path)
    expect(paths).toEqual([
      'kubernetes/classify.yaml',
      'kubernetes/extract-text.yaml',
      'kubernetes/store.yaml',
      'kubernetes/kustomization.yaml',
    ])
    const remote = triage.actors.filter(({ kind }) => kind === 'remote')
    expect(emitKubernetes({ ...triage, actors: remote })).toEqual([])
  })

  test('The kustomization names them all, and their project.', () => {
    expect(contentOf(triage, 'kubernetes/kustomization.yaml')).toMatchInlineSnapshot(`
      "# Made by \`asya build\` from the project. Do not edit: change that, and build again.
      # In the folder of the build: kubectl apply --kustomize kubernetes
      apiVersion: kustomize.config.k8s.io/v1beta1
      kind: Kustomization
      resources:
        - classify.yaml
        - extract-text.yaml
        - store.yaml
      labels:
        - pairs:
            app.kubernetes.io/part-of: document-triage
      "
    `)
  })

  test('The same model gives the same bytes, in whatever order its members were written.', () => {
    const reversed = Object.fromEntries(Object.entries(everything.env ?? {}).reverse())
    const again = makeModel({ ...everything, env: reversed })
    expect(emitKubernetes(again)).toEqual(emitKubernetes(makeModel(everything)))
  })
})

type Spec = NonNullable<Deployment['spec']>

describe('the pod of an actor', () => {
  test.each([
    ['that says nothing', {}],
    ['that says everything', everything],
    ['with a GPU of another kind', { resources: { gpu: 2, gpuResource: 'amd.com/gpu' } }],
    ['without a GPU that its project has', { resources: { gpu: 0 } }],
  ] satisfies [string, ActorSettings][])(
    'Kubernetes takes the one of an actor %s.',
    (_, settings) => {
      const { template } = emit(settings).spec.workload
      const labels = { 'asya.io/actor': 'shout' }
      const spec = {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, ...template },
      }
      const deployment = new Deployment({
        metadata: { name: 'shout' },
        spec: spec as object as Spec,
      })
      expect(() => {
        deployment.validate()
      }).not.toThrow()
    },
  )
})

/** As the kubelet does it: `$$` is `$`, `$(NAME)` is the value of a variable, and there is none here. */
function expandReferences(text: string): string {
  return text.replaceAll(/\$\$|\$\([^)]*\)/g, (match) => (match === '$$' ? '$' : '<expanded>'))
}
