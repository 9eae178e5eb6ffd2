import type { AsyncActorSpec } from '@asya/protocol'
import { describe, expect, test } from 'vitest'
import { desireObjects } from './desire-objects.ts'
import { fieldsOf, itemsOf } from '../kube/fields.ts'
import { readPod, readVariables } from './testing/find-child.ts'
import { makeActor, makeWorkload, platform } from './testing/make-actor.ts'

const warningsOf = (spec: Partial<AsyncActorSpec>) =>
  desireObjects(makeActor(spec), platform).warnings.map(({ reason }) => reason)

describe('the sidecar', () => {
  const namesOf = (list: unknown) => itemsOf(list).map(({ name }) => name)
  const native = { spec: ['asya-sidecar'], containers: ['runtime'] }
  const container = { spec: [], containers: ['runtime', 'asya-sidecar'] }

  test.each([
    ['Auto', true, native],
    ['Auto', false, container],
    ['Native', false, native],
    ['Container', true, container],
    [undefined, true, native],
  ] as const)(
    'with mode %s, on a server where it can be native: %s.',
    (mode, hasNativeSidecars, where) => {
      const { spec } = readPod(makeActor({ sidecar: { mode } }), { hasNativeSidecars })
      expect(namesOf(spec['initContainers'])).toEqual(where.spec)
      expect(namesOf(spec['containers'])).toEqual(where.containers)
    },
  )

  test('of a job is native, unless its user insists: beside another container the job would not end.', () => {
    const workload = makeWorkload({ type: 'Job' })
    const { sidecar } = readPod(makeActor({ workload }), { hasNativeSidecars: false })
    expect(sidecar).toMatchObject({ restartPolicy: 'Always' })
    expect(warningsOf({ workload })).toEqual([])
    expect(warningsOf({ workload, sidecar: { mode: 'Container' } })).toEqual(['JobMayNotEnd'])
  })

  test('of a job ends its pod when no message has come for the cooldown, at least 5 s; no other does.', () => {
    const idleOf = (spec: Partial<AsyncActorSpec>) =>
      readVariables(readPod(makeActor(spec)).sidecar)['ASYA_EXIT_WHEN_IDLE']
    const workload = makeWorkload({ type: 'Job' })
    expect(idleOf({ workload })).toBe('1m')
    expect(idleOf({ workload, scaling: { cooldownPeriod: 90 } })).toBe('1m30s')
    expect(idleOf({ workload, scaling: { cooldownPeriod: 0 } })).toBe('5s')
    expect(idleOf({ workload: makeWorkload({ type: 'StatefulSet' }) })).toBeUndefined()
    expect(idleOf({})).toBeUndefined()
  })

  test('starts after the other init containers of the pod, and is stopped before those that stay.', () => {
    const initContainers = [{ name: 'proxy', restartPolicy: 'Always' }]
    const { spec } = readPod(makeActor({ workload: makeWorkload({}, { pod: { initContainers } }) }))
    expect(namesOf(spec['initContainers'])).toEqual(['proxy', 'asya-sidecar'])
  })

  test('keeps no runtime from starting: it has no startup probe.', () => {
    const { sidecar } = readPod(makeActor())
    expect(sidecar).not.toHaveProperty('startupProbe')
    expect(sidecar).toMatchObject({
      livenessProbe: { httpGet: { path: '/health' } },
      readinessProbe: { httpGet: { path: '/ready' } },
    })
  })

  test('is what the actor says, else what the platform says.', () => {
    const own = { image: 'mine:2', resources: { limits: { cpu: 1 } } }
    expect(readPod(makeActor()).sidecar).toMatchObject(platform.sidecar)
    expect(readPod(makeActor({ sidecar: own })).sidecar).toMatchObject(own)
  })

  test.each([
    ['mine:2', 'IfNotPresent', undefined],
    ['mine:2', 'Always', 'Always'],
    ['mine', 'IfNotPresent', 'IfNotPresent'],
    ['host:5000/mine', 'Always', undefined],
    ['mine:latest', 'Always', undefined],
    ['mine@sha256:00', 'IfNotPresent', undefined],
  ] as const)(
    '%s pulled %s is what the API server fills in, or is said: %s.',
    (image, imagePullPolicy, said) => {
      const { sidecar } = readPod(makeActor({ sidecar: { image, imagePullPolicy } }))
      expect(sidecar['imagePullPolicy']).toBe(said)
    },
  )

  test('is told what the actor and the platform say, and secrets as files.', () => {
    const gateway = {
      url: 'http://gateway.asya.svc:8081',
      tokenSecretRef: { name: 'gateway', key: 'sidecar-token' },
    }
    const actor = makeActor({
      concurrency: 4,
      timeout: { processing: 600 },
      retry: { maxAttempts: 5 },
      transport: { rabbitmq: { vhost: 'docs' } },
      sidecar: { env: [{ name: 'ASYA_LOG_LEVEL', value: 'debug' }] },
    })
    const { sidecar, spec } = readPod(actor, { gateway })
    expect(readVariables(sidecar)).toEqual({
      ASYA_QUEUE_NAME: 'pages',
      ASYA_ACTOR_NAME: 'read-page',
      ASYA_SOCKET_PATH: '/tmp/sockets/app.sock',
      ASYA_CONCURRENCY: '4',
      ASYA_MAX_MESSAGE_SIZE: '10485760',
      ASYA_RUNTIME_TIMEOUT: '10m',
      ASYA_SHUTDOWN_GRACE: '10m15s',
      ASYA_METRICS_ADDR: ':9090',
      ASYA_RABBITMQ_HOST: 'rabbitmq.asya.svc',
      ASYA_RABBITMQ_VHOST: 'docs',
      ASYA_RABBITMQ_USERNAME: 'asya',
      ASYA_RABBITMQ_PASSWORD_FILE: '/etc/asya/credentials/rabbitmq-password',
      ASYA_GATEWAY_URL: 'http://gateway.asya.svc:8081',
      ASYA_GATEWAY_TOKEN_FILE: '/etc/asya/credentials/gateway-token',
      ASYA_RETRY_MAX_ATTEMPTS: '5',
      ASYA_RETRY_INITIAL_DELAY: '1s',
      ASYA_RETRY_MAX_DELAY: '5m',
      ASYA_RETRY_BACKOFF: '2',
      ASYA_LOG_LEVEL: 'debug',
    })
    expect(spec['volumes']).toContainEqual({
      name: 'asya-credentials',
      projected: {
        sources: [
          { secret: { name: 'rabbitmq', items: [{ key: 'password', path: 'rabbitmq-password' }] } },
          { secret: { name: 'gateway', items: [{ key: 'sidecar-token', path: 'gateway-token' }] } },
        ],
      },
    })
  })

  test('reaches the broker of the actor alone, where that has a host.', () => {
    const actor = makeActor({ transport: { rabbitmq: { host: 'other', port: 5_673, tls: true } } })
    const variables = readVariables(readPod(actor).sidecar)
    expect(variables).toMatchObject({
      ASYA_RABBITMQ_HOST: 'other',
      ASYA_RABBITMQ_PORT: '5673',
      ASYA_RABBITMQ_TLS: 'true',
    })
    expect(variables).not.toHaveProperty('ASYA_RABBITMQ_USERNAME')
    expect(variables).not.toHaveProperty('ASYA_RABBITMQ_PASSWORD_FILE')
  })

  test('is given no text that Kubernetes would read as a variable.', () => {
    const actor = makeActor({ transport: { rabbitmq: { host: 'a', username: '$(HOME)' } } })
    expect(readVariables(readPod(actor).sidecar)).toMatchObject({
      ASYA_RABBITMQ_USERNAME: '$$(HOME)',
    })
  })

  test('passes the restricted policy, and writes nowhere.', () => {
    expect(readPod(makeActor()).sidecar['securityContext']).toEqual({
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
      readOnlyRootFilesystem: true,
    })
  })
})

describe('the runtime', () => {
  const read = (runtime: object, pod: object = {}) =>
    readPod(makeActor({ workload: makeWorkload({}, { runtime, pod }) }))

  test('and the sidecar have one socket, in a folder of its own that is no disk.', () => {
    const { runtime, sidecar, spec } = readPod(makeActor({ socket: { path: '/run/asya/a.sock' } }))
    const mount = { name: 'asya-socket', mountPath: '/run/asya' }
    expect(runtime['volumeMounts']).toEqual([mount])
    expect(sidecar['volumeMounts']).toContainEqual(mount)
    expect(spec['volumes']).toContainEqual({
      name: 'asya-socket',
      emptyDir: { medium: 'Memory', sizeLimit: '1Mi' },
    })
  })

  test('and the sidecar agree on every variable that both have.', () => {
    const { runtime, sidecar } = readPod(makeActor({ concurrency: 3, socket: { maxSize: '4096' } }))
    const variables = readVariables(runtime)
    expect(Object.keys(variables)).toHaveLength(6)
    expect(variables).toMatchObject({ ASYA_CONCURRENCY: '3', ASYA_MAX_MESSAGE_SIZE: '4096' })
    expect(readVariables(sidecar)).toMatchObject(variables)
  })

  test('keeps its own variables, except those that fields of the actor say.', () => {
    const env = [
      { name: 'MODEL', value: 'small' },
      { name: 'ASYA_CONCURRENCY', value: '9' },
    ]
    const { runtime } = read({ env })
    expect(readVariables(runtime)).toMatchObject({ MODEL: 'small', ASYA_CONCURRENCY: '1' })
    expect(itemsOf(runtime['env']).filter(({ name }) => name === 'ASYA_CONCURRENCY')).toHaveLength(
      1,
    )
    const { warnings } = desireObjects(
      makeActor({ workload: makeWorkload({}, { runtime: { env } }) }),
      platform,
    )
    expect(warnings).toEqual([
      {
        reason: 'VariableIgnored',
        message:
          'ASYA_CONCURRENCY in the env of the container runtime: not used, since fields of the actor say it',
      },
    ])
  })

  test('is stopped only when the sidecar is done.', () => {
    const { runtime, sidecar } = read({ lifecycle: { postStart: { exec: { command: ['warm'] } } } })
    expect(runtime['lifecycle']).toEqual({
      postStart: { exec: { command: ['warm'] } },
      preStop: { httpGet: { path: '/drain', port: 9090 } },
    })
    expect(sidecar).not.toHaveProperty('lifecycle')
  })

  test('keeps a hook of its own; then the sidecar drains by itself, and a condition says so.', () => {
    const lifecycle = { preStop: { exec: { command: ['save'] } } }
    const { runtime, sidecar } = read({ lifecycle })
    expect(runtime['lifecycle']).toEqual(lifecycle)
    expect(sidecar['lifecycle']).toEqual({ preStop: { httpGet: { path: '/drain', port: 9090 } } })
    expect(warningsOf({ workload: makeWorkload({}, { runtime: { lifecycle } }) })).toEqual([
      'PreStopKept',
    ])
  })

  test.each([
    ['a message', {}, 315],
    ['the grace that the actor asks for', { timeout: { gracefulShutdown: 400 } }, 400],
    ['a long message', { timeout: { processing: 3_600 } }, 3_615],
    [
      'the grace that the pod asks for',
      { workload: makeWorkload({}, { pod: { terminationGracePeriodSeconds: 900 } }) },
      900,
    ],
  ] as const)('has time for %s.', (_, spec, seconds) => {
    const { spec: pod, sidecar } = readPod(makeActor(spec))
    expect(pod['terminationGracePeriodSeconds']).toBe(seconds)
    const grace = readVariables(sidecar)['ASYA_SHUTDOWN_GRACE']
    expect(readVariables(readPod(makeActor(spec)).runtime)['ASYA_SHUTDOWN_GRACE']).toBe(grace)
  })

  test('passes the restricted policy where its user says nothing else.', () => {
    expect(read({}).runtime['securityContext']).toEqual({
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
  })

  test.each([
    [{ runAsNonRoot: false }, {}, { runAsNonRoot: false }],
    [{}, { runAsNonRoot: false }, { runAsNonRoot: undefined }],
    [{}, { runAsUser: 0 }, { runAsNonRoot: undefined }],
    [{ privileged: true }, {}, { privileged: true, allowPrivilegeEscalation: undefined }],
    [
      { capabilities: { add: ['SYS_ADMIN'] } },
      {},
      {
        capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] },
        allowPrivilegeEscalation: undefined,
      },
    ],
    [{}, { seccompProfile: { type: 'Unconfined' } }, { seccompProfile: undefined }],
  ])('with %j, in a pod with %j, has %j.', (own, pod, expected) => {
    const { runtime } = read({ securityContext: own }, { securityContext: pod })
    for (const [name, value] of Object.entries(expected))
      expect(fieldsOf(runtime['securityContext'])[name]).toEqual(value)
  })

  test("shares the socket by a group, which is its user's where there is one.", () => {
    expect(read({}).spec['securityContext']).toEqual({ fsGroup: 65_532 })
    const { spec } = read({}, { securityContext: { fsGroup: 5 } })
    expect(spec['securityContext']).toEqual({ fsGroup: 5 })
  })
})

describe('a runtime in Python', () => {
  const read = (workload: object, runtime: object = {}) =>
    readPod(makeActor({ workload: makeWorkload(workload, { runtime }) }))
  const handler = (value: string) => ({ env: [{ name: 'ASYA_HANDLER', value }] })

  test('is mounted and started where the actor says so.', () => {
    const { runtime, spec } = read({ runtime: 'Python' })
    expect(runtime['command']).toEqual(['python3', '/opt/asya/asya.py'])
    expect(runtime['volumeMounts']).toContainEqual({
      name: 'asya-runtime',
      mountPath: '/opt/asya',
      readOnly: true,
    })
    const actor = makeActor({ workload: makeWorkload({ runtime: 'Python' }) })
    const files = desireObjects(actor, platform).objects.find(({ immutable }) => immutable === true)
    expect(files).toMatchObject({
      kind: 'ConfigMap',
      data: { 'asya.py': platform.pythonRuntime },
    })
    expect(spec['volumes']).toContainEqual({
      name: 'asya-runtime',
      configMap: { name: files?.metadata.name },
    })
  })

  test('has another name when it is another, so that it rolls out.', () => {
    const actor = makeActor({ workload: makeWorkload({ runtime: 'Python' }) })
    const nameOf = (pythonRuntime: string) =>
      JSON.stringify(readPod(actor, { pythonRuntime }).spec['volumes'])
    expect(nameOf('a')).not.toBe(nameOf('b'))
  })

  test.each([
    ['triage.classify', true],
    ['triage.models:Classifier.run', true],
    ['actor.js', false],
    ['actor.mjs', false],
    ['/app/handler.mjs#readPage', false],
    ['classify', false],
  ])('is meant by the handler %s: %s.', (value, isPython) => {
    expect(read({}, handler(value)).runtime['command'] !== undefined).toBe(isPython)
    expect(read({ runtime: 'Image' }, handler(value)).runtime).not.toHaveProperty('command')
  })

  test('is not started where the container says what is.', () => {
    const command = ['python3.13', '-X', 'dev', '/opt/asya/asya.py']
    expect(
      read({}, { ...handler('triage.classify'), command }).runtime['volumeMounts'],
    ).toHaveLength(1)
    const { runtime } = read({ runtime: 'Python' }, { command })
    expect(runtime['command']).toEqual(command)
    expect(runtime['volumeMounts']).toHaveLength(2)
  })
})

describe('what the user says of the pod', () => {
  test('is all there, known to us or not.', () => {
    const template = {
      metadata: { labels: { team: 'docs' }, annotations: { note: 'x' }, future: 1 },
      future: 2,
      spec: {
        containers: [
          {
            name: 'runtime',
            image: 'a',
            args: ['-v'],
            future: 3,
            ports: [{ containerPort: 80 }],
            volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
            terminationMessagePolicy: 'File',
          },
          { name: 'model', image: 'model:1', env: [{ name: 'ASYA_CONCURRENCY', value: '9' }] },
        ],
        volumes: [{ name: 'cache', emptyDir: {} }],
        nodeSelector: { zone: 'b' },
        future: { a: [{ b: null }] },
      },
    }
    const actor = makeActor({ workload: { template } })
    const workload = desireObjects(actor, platform).objects.find(
      ({ kind }) => kind === 'Deployment',
    )
    const made = fieldsOf(fieldsOf(workload?.['spec'])['template'])
    const { containers, volumes, ...rest } = template.spec
    expect(made).toMatchObject({ future: 2, metadata: template.metadata, spec: rest })
    const spec = fieldsOf(made['spec'])
    const [runtime, model] = itemsOf(spec['containers'])
    const { volumeMounts = [], ...own } = containers[0]!
    expect(runtime).toMatchObject(own)
    expect(itemsOf(runtime?.['volumeMounts'])[0]).toEqual(volumeMounts[0])
    expect(model).toEqual(containers[1])
    expect(itemsOf(spec['volumes'])[0]).toEqual(volumes[0])
  })

  test('is left for the API server to refuse where it is no list.', () => {
    const { runtime, spec } = readPod(
      makeActor({
        workload: makeWorkload(
          {},
          { runtime: { env: 'A=1', volumeMounts: { a: 1 } }, pod: { hostAliases: 3 } },
        ),
      }),
    )
    expect(runtime).toMatchObject({ env: 'A=1', volumeMounts: { a: 1 } })
    expect(spec).toMatchObject({ hostAliases: 3 })
  })

  test('goes for labels too, except those by which its pods are found.', () => {
    const workload = makeWorkload()
    const template = {
      ...workload.template,
      metadata: { labels: { team: 'a', 'asya.io/actor': 'b' } },
    }
    const { metadata } = readPod(makeActor({ workload: { template } }))
    expect(metadata['labels']).toEqual({
      team: 'a',
      'app.kubernetes.io/managed-by': 'asya-operator',
      'asya.io/actor': 'read-page',
    })
  })
})
