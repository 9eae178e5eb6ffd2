import { isFields } from '../../kube/fields.ts'

/**
 * What the API server fills in: as much of it as an operator may see in what it wrote. Only where
 * there is nothing yet.
 */
export function fillDefaults(kind: string, object: Json): Json {
  switch (kind) {
    case 'Deployment':
      return withSpec(object, fillDeployment)
    case 'StatefulSet':
      return withSpec(object, fillStatefulSet)
    case 'Job':
      return withSpec(object, fillJob)
    case 'Pod':
      return withSpec(object, fillPod)
    case 'NetworkPolicy':
      return withSpec(object, (spec) => ({ podSelector: {}, policyTypes: ['Ingress'], ...spec }))
    default:
      return object
  }
}

type Json = Readonly<Record<string, unknown>>

function withSpec(object: Json, fill: (spec: Json) => Json): Json {
  const { spec } = object
  return isFields(spec) ? { ...object, spec: fill(spec) } : object
}

function fillDeployment(spec: Json): Json {
  const strategy = isFields(spec['strategy']) ? spec['strategy'] : {}
  const { type = 'RollingUpdate' } = strategy
  const rolling = isFields(strategy['rollingUpdate']) ? strategy['rollingUpdate'] : {}
  return {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    ...spec,
    strategy: {
      ...strategy,
      type,
      ...(type === 'RollingUpdate' && {
        rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%', ...rolling },
      }),
    },
    template: fillTemplate(spec['template']),
  }
}

function fillStatefulSet(spec: Json): Json {
  return {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    serviceName: '',
    ...spec,
    template: fillTemplate(spec['template']),
  }
}

function fillJob(spec: Json): Json {
  const isOpen = spec['completions'] === undefined && spec['parallelism'] === undefined
  return {
    ...(isOpen ? { completions: 1, parallelism: 1 } : { parallelism: 1 }),
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    ...spec,
    template: fillTemplate(spec['template']),
  }
}

function fillTemplate(template: unknown): Json {
  const { metadata = {}, spec } = isFields(template) ? template : {}
  return {
    ...(isFields(template) ? template : {}),
    metadata,
    ...(isFields(spec) && { spec: fillPod(spec) }),
  }
}

function fillPod(spec: Json): Json {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...(typeof spec['serviceAccountName'] === 'string' && {
      serviceAccount: spec['serviceAccountName'],
    }),
    ...spec,
    ...fillList(spec, 'containers', fillContainer),
    ...fillList(spec, 'initContainers', fillContainer),
    ...fillList(spec, 'volumes', fillVolume),
  }
}

function fillList(spec: Json, name: string, fill: (item: Json) => Json): Json {
  const list = spec[name]
  if (!Array.isArray(list)) return {}
  return { [name]: list.map((item: unknown) => (isFields(item) ? fill(item) : item)) }
}

function fillMember(object: Json, name: string, fill: (member: Json) => Json): Json {
  const member = object[name]
  return isFields(member) ? { [name]: fill(member) } : {}
}

function fillContainer(container: Json): Json {
  const image = typeof container['image'] === 'string' ? container['image'] : ''
  const isLatest = !/:[^/]+$/.test(image) || image.endsWith(':latest')
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest && !image.includes('@') ? 'Always' : 'IfNotPresent',
    ...container,
    ...fillList(container, 'ports', (port) => ({ protocol: 'TCP', ...port })),
    ...fillList(container, 'env', fillVariable),
    ...fillMember(container, 'livenessProbe', fillProbe),
    ...fillMember(container, 'readinessProbe', fillProbe),
    ...fillMember(container, 'startupProbe', fillProbe),
    ...fillMember(container, 'lifecycle', (lifecycle) => ({
      ...lifecycle,
      ...fillMember(lifecycle, 'preStop', fillHandler),
      ...fillMember(lifecycle, 'postStart', fillHandler),
    })),
  }
}

function fillVariable(variable: Json): Json {
  return {
    ...variable,
    ...fillMember(variable, 'valueFrom', (from) => ({
      ...from,
      ...fillMember(from, 'fieldRef', (ref) => ({ apiVersion: 'v1', ...ref })),
      ...fillMember(from, 'resourceFieldRef', (ref) => ({ divisor: '0', ...ref })),
    })),
  }
}

function fillProbe(probe: Json): Json {
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...fillHandler(probe),
  }
}

function fillHandler(handler: Json): Json {
  return {
    ...handler,
    ...fillMember(handler, 'httpGet', (get) => ({ path: '/', scheme: 'HTTP', ...get })),
  }
}

function fillVolume(volume: Json): Json {
  const mode = (source: Json): Json => ({ defaultMode: 420, ...source })
  return {
    ...volume,
    ...fillMember(volume, 'configMap', mode),
    ...fillMember(volume, 'secret', mode),
    ...fillMember(volume, 'downwardAPI', mode),
    ...fillMember(volume, 'projected', mode),
  }
}
