import { describe, expect, test } from 'vitest'
import { DefinitionError } from './errors.ts'
import { checkActorOptions, toRetryPolicy, type ActorOptions } from './options.ts'

function problemsOf(options: unknown): readonly string[] {
  try {
    checkActorOptions(options as ActorOptions)
    return []
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems
    throw error
  }
}

describe('the options of an actor', () => {
  test.each([
    '/tmp/app.sock',
    'sockets/app.sock',
    '/tmp/sockets/app',
    '/tmp/../etc/app.sock',
    `/tmp/${'a'.repeat(100)}/app.sock`,
  ])('A socket at %s is refused.', (path) => {
    expect(problemsOf({ socket: { path } })).toEqual([
      expect.stringContaining(
        "expected a path in a folder of its own such as '/tmp/sockets/app.sock'",
      ),
    ])
  })

  test('Everything that is documented is allowed.', () => {
    const options: ActorOptions = {
      name: 'read-page',
      description: 'Reads the text of a page.',
      timeout: '1m30s',
      retry: {
        maxAttempts: 5,
        initialDelay: 500,
        maxDelay: '10m',
        backoff: 1.5,
        retryCodes: ['validation_error'],
        fatalCodes: ['cuda_oom_error', 'code_of_another_runtime'],
      },
      gracefulShutdown: '1m',
      scaling: {
        min: 0,
        max: 10,
        queueLength: 5,
        pollingInterval: '10s',
        cooldownPeriod: '2m',
        paused: false,
        protocol: 'amqp',
        fallback: { replicas: 2, failureThreshold: 5, behavior: 'currentReplicasIfHigher' },
        authenticationRef: { name: 'broker', kind: 'ClusterTriggerAuthentication' },
      },
      concurrency: 4,
      workload: { type: 'StatefulSet' },
      image: 'registry.example.com:5000/team/reader:1.2',
      resources: { cpu: '500m', memory: '2Gi', gpu: 1, gpuResource: 'amd.com/gpu' },
      env: {
        MODEL: 'small',
        API_KEY: { secret: 'model', key: 'api-key' },
        REGION: { configMap: 'site', key: 'region' },
        ASYA_ISOLATION: 'process',
      },
      nodeSelector: { 'example.com/disk': 'fast', zone: '' },
      tolerations: [
        { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
        { key: 'team', value: 'a' },
        { operator: 'Exists' },
      ],
      sidecar: {
        image: 'registry.example.com/asya-sidecar:1',
        imagePullPolicy: 'Always',
        mode: 'Container',
        resources: { cpu: '100m', memory: '64Mi' },
        env: { ASYA_LOG_LEVEL: 'debug', TOKEN: { secret: 'sidecar', key: 'token' } },
      },
      socket: { path: '/run/asya/app.sock', maxSize: 1_048_576 },
    }
    expect(checkActorOptions(options)).toEqual(options)
    expect(problemsOf({})).toEqual([])
  })

  test('An option that is undefined counts as left out.', () => {
    expect(problemsOf({ name: undefined, retry: { backoff: undefined } })).toEqual([])
  })

  test.each<[unknown, string]>([
    [
      { name: 'readPage' },
      "option name is 'readPage': expected at most 50 of a-z, 0-9 and -, beginning with a letter and not ending with -",
    ],
    [{ name: '' }, "option name is '': expected at most 50"],
    [{ name: 'a'.repeat(51) }, 'expected at most 50'],
    [{ description: '  ' }, "option description is '  ': expected a text"],
    [
      { timeout: '2 minutes' },
      "option timeout is '2 minutes': expected a duration above 0 such as '90s' or '1m30s', or milliseconds, of at most 24 days",
    ],
    [{ timeout: 0 }, 'option timeout is 0: expected a duration above 0'],
    [{ timeout: -1 }, 'option timeout is -1: expected'],
    [{ timeout: NaN }, 'option timeout is NaN: expected'],
    [{ timeout: Infinity }, 'option timeout is Infinity: expected'],
    [{ timeout: '600h' }, "option timeout is '600h': expected"],
    [{ concurrency: 1.5 }, 'option concurrency is 1.5: expected a whole number from 1 to 1000'],
    [{ concurrency: '4' }, "option concurrency is '4': expected a whole number"],
    [{ retry: 3 }, 'option retry is 3: expected an object'],
    [{ retry: [] }, 'option retry is a list: expected an object'],
    [
      { retry: { maxAttempts: 0 } },
      'option retry.maxAttempts is 0: expected a whole number from 1 to 1000',
    ],
    [{ retry: { backoff: 0.5 } }, 'option retry.backoff is 0.5: expected a number from 1 to 100'],
    [
      { retry: { retryCodes: 'timeout_error' } },
      "option retry.retryCodes is 'timeout_error': expected a list of failure codes",
    ],
    [
      { retry: { initialDelay: '10m' } },
      "option retry.initialDelay is '10m': expected at most retry.maxDelay, which is '5m'",
    ],
    [
      { retry: { retryCodes: ['a', 'b'], fatalCodes: ['b'] } },
      "option retry.retryCodes has 'b', and so has retry.fatalCodes",
    ],
    [{ scaling: { min: -1 } }, 'option scaling.min is -1: expected a whole number from 0 to 10000'],
    [
      { scaling: { min: 5, max: 2 } },
      'option scaling.min is 5: expected at most scaling.max, which is 2',
    ],
    [{ timout: '2m' }, 'there is no option timout; did you mean timeout?'],
    [{ retry: { attempts: 3 } }, 'there is no option retry.attempts'],
    [
      { retry: { maxAttempt: 3 } },
      'there is no option retry.maxAttempt; did you mean maxAttempts?',
    ],
    [{ constructor: 1 }, 'there is no option constructor'],
    [
      { workload: { type: 'DaemonSet' } },
      "option workload.type is 'DaemonSet': expected 'Deployment', 'StatefulSet' or 'Job'",
    ],
    [
      { workload: { replicas: -1 } },
      'option workload.replicas is -1: expected a whole number from 0 to 10000',
    ],
    [
      { workload: { replicas: 2 }, scaling: {} },
      'option workload.replicas is 2, and there is scaling too: expected one of them',
    ],
    [
      { workload: { type: 'Job' }, scaling: { min: 1 } },
      "option scaling.min is 1, and workload.type is 'Job': expected 0",
    ],
    [{ image: 'Reader:1.2' }, "option image is 'Reader:1.2': expected the name of a container"],
    [{ image: 'reader:' }, "option image is 'reader:': expected"],
    [{ resources: { cpu: 2 } }, 'option resources.cpu is 2: expected a number of CPUs'],
    [{ resources: { cpu: '0' } }, "option resources.cpu is '0': expected"],
    [
      { resources: { memory: '512m' } },
      "option resources.memory is '512m': expected bytes above 0 such as '512Mi' or '2Gi'",
    ],
    [{ resources: { gpu: 0.5 } }, 'option resources.gpu is 0.5: expected a whole number'],
    [{ resources: { gpuResource: 'gpu' } }, "option resources.gpuResource is 'gpu': expected"],
    [
      { env: { 'API-KEY': 'x' } },
      "option env has the name 'API-KEY': expected letters, digits and _",
    ],
    [{ env: { ASYA_QUEUE_NAME: 'x' } }, "option env has the name 'ASYA_QUEUE_NAME': expected"],
    [{ env: { PORT: 80 } }, "option env.PORT is 80: expected a text, { secret: 'name'"],
    [{ env: { KEY: { secret: 'model' } } }, 'option env.KEY is an object: expected a text'],
    [{ env: { KEY: { secret: 'Model', key: 'x' } } }, 'option env.KEY is an object: expected'],
    [
      { env: { KEY: { secret: 'a', configMap: 'b', key: 'x' } } },
      'option env.KEY is an object: expected',
    ],
    [{ env: ['KEY=x'] }, 'option env is a list: expected an object'],
    [{ nodeSelector: { '': 'x' } }, "option nodeSelector has the name '': expected a label's key"],
    [{ nodeSelector: { zone: 'a b' } }, "option nodeSelector.zone is 'a b': expected a label's"],
    [{ nodeSelector: { zone: true } }, 'option nodeSelector.zone is true: expected'],
    [{ gracefulShutdown: 0 }, 'option gracefulShutdown is 0: expected a duration above 0'],
    [{ scaling: { paused: 'yes' } }, "option scaling.paused is 'yes': expected true or false"],
    [
      { scaling: { protocol: 'mqtt' } },
      "option scaling.protocol is 'mqtt': expected 'http' or 'amqp'",
    ],
    [
      { scaling: { fallback: { replicas: 0 } } },
      'option scaling.fallback.replicas is 0: expected a whole number from 1 to 10000',
    ],
    [{ scaling: { fallback: {} } }, 'option scaling.fallback has no replicas: expected how many'],
    [
      { scaling: { max: 2, fallback: { replicas: 3 } } },
      'option scaling.fallback has replicas: 3: expected at most scaling.max, which is 2',
    ],
    [
      { scaling: { fallback: { replicas: 1 } }, workload: { type: 'Job' } },
      "option scaling.fallback is not for workload.type 'Job': expected none",
    ],
    [
      { scaling: { authenticationRef: { kind: 'TriggerAuthentication' } } },
      'option scaling.authenticationRef has no name: expected that of an authentication of KEDA',
    ],
    [
      { scaling: { authenticationRef: { name: 'Broker' } } },
      "option scaling.authenticationRef.name is 'Broker': expected the name of an object in Kubernetes",
    ],
    [
      { timeout: '2m', scaling: { protocol: 'amqp', cooldownPeriod: '1m' } },
      "option scaling.cooldownPeriod is '1m', and scaling.protocol is 'amqp', which does not see messages in progress: expected at least the timeout, which is '2m', or scaling.min above 0",
    ],
    [{ sidecar: { gpu: 1 } }, 'there is no option sidecar.gpu'],
    [{ sidecar: { resources: { gpu: 1 } } }, 'there is no option sidecar.resources.gpu'],
    [
      { sidecar: { mode: 'native' } },
      "option sidecar.mode is 'native': expected 'Auto', 'Native' or",
    ],
    [
      { sidecar: { env: { '1A': 'b' } } },
      "option sidecar.env has the name '1A': expected letters, digits and _",
    ],
    [{ socket: { maxSize: 0 } }, 'option socket.maxSize is 0: expected a whole number from 1 to'],
    [{ tolerations: {} }, 'option tolerations is an object: expected a list such as'],
    [
      { tolerations: [{ key: 'gpu' }, { key: 'gpu', effect: 'Never' }] },
      "option tolerations[1].effect is 'Never': expected 'NoSchedule', 'PreferNoSchedule' or",
    ],
    [{ tolerations: [{ keys: 'gpu' }] }, 'there is no option tolerations[0].keys; did you mean'],
    [
      { tolerations: [{ key: 'gpu', operator: 'Exists', value: 'a' }] },
      "option tolerations[0].value is 'a', and its operator is 'Exists': expected no value",
    ],
    [{ tolerations: [{ value: 'a' }] }, 'option tolerations[0] has no key: expected one'],
    [null, 'the options is null: expected an object'],
    [() => 1, 'the options is a function: expected an object'],
  ])('%j is told: %s', (options, problem) => {
    const problems = problemsOf(options)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })

  test('Every problem is told at once.', () => {
    expect(problemsOf({ name: 'X', timeout: 'x', retry: { backoff: 0 } })).toHaveLength(3)
  })
})

test('What was checked cannot be changed any more, inside of lists too.', () => {
  const { tolerations } = checkActorOptions({ tolerations: [{ key: 'gpu' }] })
  expect(Object.isFrozen(tolerations) && Object.isFrozen(tolerations?.[0])).toBe(true)
})

describe('toRetryPolicy', () => {
  test('What is left out has the value of the default policy.', () => {
    expect(toRetryPolicy()).toMatchObject({ maxAttempts: 3, initialDelayMs: 1_000, backoff: 2 })
    expect(toRetryPolicy({ initialDelay: '5s', maxDelay: 60_000 })).toMatchObject({
      maxAttempts: 3,
      initialDelayMs: 5_000,
      maxDelayMs: 60_000,
    })
  })
})
