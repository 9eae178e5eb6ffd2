/** Resources that the API server takes, and such that it refuses, with what it says then. */

type Fields = Readonly<Record<string, unknown>>

export interface InvalidCase {
  readonly law: string
  readonly actor: object
  readonly says: string
}

export interface InvalidChange {
  readonly law: string
  readonly from: object
  readonly to: object
  readonly says: string
}

const runtime = { name: 'runtime', image: 'registry.example.com/read-page:1' }

function pod(fields: Fields): Fields {
  return { template: { spec: { containers: [runtime], ...fields } } }
}

/** An actor with these fields of its spec, beside a queue and a workload. */
export function actor(spec: Fields, name = 'read-page'): object {
  return {
    apiVersion: 'asya.io/v1alpha1',
    kind: 'AsyncActor',
    metadata: { name, namespace: 'default' },
    spec: { queueName: 'read-page', workload: pod({}), ...spec },
  }
}

const broker = { host: 'rabbitmq.asya.svc' }

export const VALID: readonly (readonly [law: string, actor: object])[] = [
  ['The shortest actor is a queue and a workload.', actor({})],
  ['A name may have 50 characters.', actor({}, 'a'.repeat(50))],
  ['An end actor has the queue of an end.', actor({ queueName: 'error-end' }, 'error-end')],
  [
    'An actor of the original is taken as it was written.',
    actor({
      transport: {
        type: 'rabbitmq',
        rabbitmq: {
          host: 'rabbitmq.asya.svc',
          port: 5672,
          username: 'asya',
          passwordSecretRef: { name: 'rabbitmq', key: 'password' },
        },
      },
      sidecar: {
        image: 'asya-sidecar:latest',
        imagePullPolicy: 'IfNotPresent',
        resources: { requests: { cpu: 1, memory: '64Mi' }, limits: { memory: '128Mi' } },
        env: [{ name: 'ASYA_LOG_LEVEL', value: 'debug' }],
      },
      socket: { path: '/tmp/sockets/app.sock', maxSize: '10485760' },
      timeout: { processing: 300, gracefulShutdown: 30 },
      scaling: {
        enabled: true,
        minReplicas: 0,
        maxReplicas: 50,
        pollingInterval: 10,
        cooldownPeriod: 60,
        queueLength: 5,
      },
      workload: { type: 'Deployment', replicas: 1, ...pod({ restartPolicy: 'Always' }) },
    }),
  ],
  [
    'Every field of ours is taken.',
    actor({
      concurrency: 8,
      retry: {
        maxAttempts: 5,
        initialDelay: '500ms',
        maxDelay: '1h30m',
        factor: 1.5,
        retryCodes: ['validation_error'],
        fatalCodes: ['oom_error'],
      },
      transport: {
        rabbitmq: {
          ...broker,
          vhost: 'docs',
          exchange: 'asya',
          tls: true,
          management: { port: 15671, scheme: 'https' },
        },
      },
      scaling: {
        paused: true,
        protocol: 'http',
        fallback: { replicas: 2, failureThreshold: 3, behavior: 'currentReplicasIfHigher' },
        authenticationRef: { name: 'shared', kind: 'ClusterTriggerAuthentication' },
      },
      sidecar: { mode: 'Native' },
      socket: { maxSize: 1_048_576 },
    }),
  ],
  ['A job may end.', actor({ workload: { type: 'Job', ...pod({ restartPolicy: 'Never' }) } })],
  [
    'A pod may hold whatever Kubernetes knows.',
    actor({
      workload: pod({
        containers: [
          {
            ...runtime,
            env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'model', key: 'key' } } }],
            resources: { limits: { 'nvidia.com/gpu': 1 } },
          },
          { name: 'model', image: 'model:1' },
        ],
        volumes: [{ name: 'cache', emptyDir: { sizeLimit: '1Gi' } }],
        topologySpreadConstraints: [{ maxSkew: 1 }],
      }),
    }),
  ],
  [
    'With amqp the queue may look empty for as long as a message takes.',
    actor({ scaling: { protocol: 'amqp', cooldownPeriod: 300 } }),
  ],
]

export const INVALID: readonly InvalidCase[] = [
  {
    law: 'A name is short enough for the names that are made of it.',
    actor: actor({}, 'a'.repeat(51)),
    says: 'the name has more than 50 characters',
  },
  {
    law: 'A name has no dots.',
    actor: actor({}, 'read.page'),
    says: 'the name has a dot: expected a-z, 0-9 and - alone',
  },
  {
    law: 'An actor has a queue.',
    actor: actor({ queueName: undefined }),
    says: 'spec.queueName: Required value',
  },
  {
    law: 'A queue has the name of a step.',
    actor: actor({ queueName: 'read page' }),
    says: 'spec.queueName in body should match',
  },
  {
    law: "The broker's own queues are no actor's.",
    actor: actor({ queueName: 'amq.gen-1' }),
    says: 'names of queues that begin with amq. are reserved for the broker',
  },
  {
    law: 'The queues of retries are no actor’s.',
    actor: actor({ queueName: 'asya.retry.1000' }),
    says: 'are reserved for the retries of all actors',
  },
  {
    law: 'An actor has a workload.',
    actor: actor({ workload: undefined }),
    says: 'spec.workload: Required value',
  },
  {
    law: 'A workload is one of three.',
    actor: actor({ workload: { type: 'DaemonSet', ...pod({}) } }),
    says: 'spec.workload.type: Unsupported value: "DaemonSet"',
  },
  {
    law: 'There are no fewer replicas than none.',
    actor: actor({ workload: { replicas: -1, ...pod({}) } }),
    says: 'spec.workload.replicas in body should be greater than or equal to 0',
  },
  {
    law: 'A pod has containers.',
    actor: actor({ workload: { template: { spec: {} } } }),
    says: 'spec.workload.template.spec.containers: Required value',
  },
  {
    law: 'One container is the runtime.',
    actor: actor({ workload: pod({ containers: [{ name: 'app', image: 'a' }] }) }),
    says: 'expected exactly one container with the name runtime',
  },
  {
    law: 'No two containers have one name.',
    actor: actor({ workload: pod({ containers: [runtime, runtime] }) }),
    says: 'spec.workload.template.spec.containers[1]: Duplicate value',
  },
  {
    law: "The sidecar's name is taken.",
    actor: actor({ workload: pod({ containers: [runtime, { name: 'asya-sidecar' }] }) }),
    says: 'asya-sidecar is the name of the container that the operator adds',
  },
  {
    law: "The sidecar's name is taken among init containers too.",
    actor: actor({ workload: pod({ initContainers: [{ name: 'asya-sidecar' }] }) }),
    says: 'asya-sidecar is the name of the container that the operator adds',
  },
  {
    law: "The operator's volumes are its own.",
    actor: actor({ workload: pod({ volumes: [{ name: 'asya-socket', emptyDir: {} }] }) }),
    says: 'names of volumes that begin with asya- are reserved',
  },
  {
    law: 'A job does not start again for ever.',
    actor: actor({ workload: { type: 'Job', ...pod({ restartPolicy: 'Always' }) } }),
    says: 'expected Never or OnFailure for a Job, and Always for anything else',
  },
  {
    law: 'A deployment always starts again.',
    actor: actor({ workload: pod({ restartPolicy: 'Never' }) }),
    says: 'expected Never or OnFailure for a Job, and Always for anything else',
  },
  {
    law: 'There are no fewer replicas at most than at least.',
    actor: actor({ scaling: { minReplicas: 5, maxReplicas: 2 } }),
    says: 'minReplicas is above maxReplicas',
  },
  {
    law: 'The default counts as much as what is written.',
    actor: actor({ scaling: { minReplicas: 51 } }),
    says: 'minReplicas is above maxReplicas',
  },
  {
    law: 'An actor may have replicas.',
    actor: actor({ scaling: { maxReplicas: 0 } }),
    says: 'spec.scaling.maxReplicas in body should be greater than or equal to 1',
  },
  {
    law: 'A fallback stays within the bounds.',
    actor: actor({ scaling: { maxReplicas: 2, fallback: { replicas: 3 } } }),
    says: 'fallback.replicas is above maxReplicas',
  },
  {
    law: 'A fallback says how many.',
    actor: actor({ scaling: { fallback: {} } }),
    says: 'spec.scaling.fallback.replicas: Required value',
  },
  {
    law: 'Jobs are made when there are messages.',
    actor: actor({ scaling: { minReplicas: 1 }, workload: { type: 'Job', ...pod({}) } }),
    says: 'scaling.minReplicas is above 0, and workload.type is Job',
  },
  {
    law: 'Jobs have no fallback.',
    actor: actor({ scaling: { fallback: { replicas: 1 } }, workload: { type: 'Job', ...pod({}) } }),
    says: 'scaling.fallback is not for workload.type Job',
  },
  {
    law: 'With amqp no replica goes while a message is in progress.',
    actor: actor({ scaling: { protocol: 'amqp' } }),
    says: 'expected a scaling.cooldownPeriod of at least timeout.processing',
  },
  {
    law: 'There are two ways to count.',
    actor: actor({ scaling: { protocol: 'mqtt' } }),
    says: 'spec.scaling.protocol: Unsupported value: "mqtt"',
  },
  {
    law: 'A whole number is whole.',
    actor: actor({ scaling: { queueLength: 1.5 } }),
    says: 'spec.scaling.queueLength',
  },
  {
    law: 'Time is given for a message.',
    actor: actor({ timeout: { processing: 0 } }),
    says: 'spec.timeout.processing in body should be greater than or equal to 1',
  },
  {
    law: 'Time is a number of seconds.',
    actor: actor({ timeout: { processing: '5m' } }),
    says: 'spec.timeout.processing in body must be of type integer: "string"',
  },
  {
    law: 'A replica works on a message at a time, at least.',
    actor: actor({ concurrency: 0 }),
    says: 'spec.concurrency in body should be greater than or equal to 1',
  },
  {
    law: 'A message is tried once, at least.',
    actor: actor({ retry: { maxAttempts: 0 } }),
    says: 'spec.retry.maxAttempts in body should be greater than or equal to 1',
  },
  {
    law: 'A wait is a duration.',
    actor: actor({ retry: { initialDelay: '5 seconds' } }),
    says: 'spec.retry.initialDelay in body should match',
  },
  {
    law: 'The first wait is no longer than the longest.',
    actor: actor({ retry: { initialDelay: '10m' } }),
    says: 'initialDelay is 10m: expected at most maxDelay, which is 5m',
  },
  {
    law: 'Waits do not become shorter.',
    actor: actor({ retry: { factor: 0.5 } }),
    says: 'spec.retry.factor in body should be greater than or equal to 1',
  },
  {
    law: 'A failure code has the form of one.',
    actor: actor({ retry: { retryCodes: ['Timeout'] } }),
    says: 'spec.retry.retryCodes[0] in body should match',
  },
  {
    law: 'A password belongs to somebody.',
    actor: actor({
      transport: { rabbitmq: { ...broker, passwordSecretRef: { name: 'a', key: 'b' } } },
    }),
    says: 'passwordSecretRef stands without a username',
  },
  {
    law: 'A reference to a secret has a key.',
    actor: actor({
      transport: { rabbitmq: { ...broker, username: 'a', passwordSecretRef: { name: 'a' } } },
    }),
    says: 'spec.transport.rabbitmq.passwordSecretRef.key: Required value',
  },
  {
    law: 'A port is one.',
    actor: actor({ transport: { rabbitmq: { ...broker, port: 70_000 } } }),
    says: 'spec.transport.rabbitmq.port in body should be less than or equal to 65535',
  },
  {
    law: 'There is one kind of broker.',
    actor: actor({ transport: { type: 'sqs', rabbitmq: broker } }),
    says: 'spec.transport.type: Unsupported value: "sqs"',
  },
  {
    law: 'A socket has an absolute path.',
    actor: actor({ socket: { path: 'app.sock' } }),
    says: 'spec.socket.path in body should match',
  },
  {
    law: 'A socket has a folder of its own.',
    actor: actor({ socket: { path: '/tmp/app.sock' } }),
    says: 'the socket needs a folder of its own',
  },
  {
    law: 'A size is a number of bytes.',
    actor: actor({ socket: { maxSize: '10Mi' } }),
    says: 'expected a number of bytes from 1 to 1073741824',
  },
  {
    law: 'A size is above 0.',
    actor: actor({ socket: { maxSize: 0 } }),
    says: 'expected a number of bytes from 1 to 1073741824',
  },
  {
    law: 'A variable of the sidecar has a name.',
    actor: actor({ sidecar: { env: [{ value: 'x' }] } }),
    says: 'spec.sidecar.env[0].name: Required value',
  },
  {
    law: 'There are three ways to run a sidecar.',
    actor: actor({ sidecar: { mode: 'native' } }),
    says: 'spec.sidecar.mode: Unsupported value: "native"',
  },
  {
    law: 'A field that there is not is named.',
    actor: actor({ scaling: { min: 1 } }),
    says: 'unknown field "spec.scaling.min"',
  },
]

export const INVALID_CHANGES: readonly InvalidChange[] = [
  {
    law: 'The queue of an actor stays.',
    from: actor({}),
    to: actor({ queueName: 'read-pages' }),
    says: 'the queue of an actor cannot be changed (it is read-page)',
  },
  {
    law: 'The type of a workload stays.',
    from: actor({}),
    to: actor({ workload: { type: 'StatefulSet', ...pod({}) } }),
    says: 'the type of a workload cannot be changed (it is Deployment)',
  },
]
