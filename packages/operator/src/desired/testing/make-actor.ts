import type { AsyncActorSpec, Container } from '@asya/protocol'
import type { Platform } from '../platform.ts'
import type { StoredActor } from '../read-settings.ts'

export const platform: Platform = {
  rabbitmq: {
    host: 'rabbitmq.asya.svc',
    username: 'asya',
    passwordSecretRef: { name: 'rabbitmq', key: 'password' },
  },
  sidecar: {
    image: 'asya-sidecar:0.1.0',
    resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '128Mi' } },
  },
  gateway: undefined,
  hasKeda: true,
  hasNativeSidecars: true,
  pythonRuntime: 'print("the runtime")\n',
  hasNetworkPolicies: false,
}

type Workload = AsyncActorSpec['workload']
type PodSpec = Workload['template']['spec']

/** The shortest actor, called `read-page`, and what else its spec says. */
export function makeActor(spec: Partial<AsyncActorSpec> = {}): StoredActor {
  return {
    apiVersion: 'asya.io/v1alpha1',
    kind: 'AsyncActor',
    metadata: { name: 'read-page', namespace: 'docs', uid: '6f1c' },
    spec: { queueName: 'pages', workload: makeWorkload(), ...spec },
  }
}

/** A pod of one container; what it and its container say besides. */
export function makeWorkload(
  workload: Partial<Workload> = {},
  {
    pod = {},
    runtime = {},
  }: { readonly pod?: Partial<PodSpec>; readonly runtime?: Partial<Container> } = {},
): Workload {
  const containers = [{ name: 'runtime', image: 'read-page:1.2', ...runtime }]
  return { template: { spec: { containers, ...pod } }, ...workload }
}
