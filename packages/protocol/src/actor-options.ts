import { toMs } from './duration.ts'
import {
  isCpuQuantity,
  isDataKey,
  isEnvironmentName,
  isExtendedResource,
  isImage,
  isLabelKey,
  isLabelValue,
  isMemoryQuantity,
  isObjectName,
} from './kubernetes-values.ts'
import { ERROR_END, HAPPY_END, isActorName, isStepName } from './names.ts'
import {
  aDuration,
  aFlag,
  aText,
  aWholeNumber,
  findProblems,
  findRule,
  oneOf,
  show,
  type OptionProblem,
  type Rule,
  type Rules,
} from './option-rule.ts'
import { DEFAULT_RETRY_POLICY } from './retry.ts'

/**
 * What is allowed as options of an actor or a pipeline. `defineActor` applies these rules when a
 * module is loaded, and the build applies the same ones without loading it.
 */

const aName: Rule = {
  allows: (value) => typeof value === 'string' && isActorName(value),
  allowed: 'at most 50 of a-z, 0-9 and -, beginning with a letter and not ending with -',
}

const aFactor: Rule = {
  allows: (value) => typeof value === 'number' && value >= 1 && value <= 100,
  allowed: 'a number from 1 to 100',
}

const someCodes: Rule = {
  allows: (value) =>
    Array.isArray(value) && value.every((code) => typeof code === 'string' && code !== ''),
  allowed: "a list of failure codes such as ['timeout_error']",
}

const anImage: Rule = {
  allows: isImage,
  allowed: "the name of a container image such as 'registry.example.com/team/reader:1.2'",
}

/** The variables of the runtime that are an author's to set; the others come from other options. */
const OPEN_VARIABLES: readonly string[] = [
  'ASYA_HANDLER',
  'ASYA_HEAP_LIMIT',
  'ASYA_ISOLATION',
  'ASYA_LOAD_TIMEOUT',
  'ASYA_LOG_LEVEL',
  'ASYA_SINK',
]

const aVariable: Rule = {
  allows: (name) =>
    isEnvironmentName(name) && (!name.startsWith('ASYA_') || OPEN_VARIABLES.includes(name)),
  allowed: `letters, digits and _, not beginning with a digit, nor with ASYA_ (but for ${OPEN_VARIABLES.join(', ')}), which other options set`,
}

const aVariablesValue: Rule = {
  allows: (value) => {
    if (typeof value === 'string') return true
    if (typeof value !== 'object' || value === null) return false
    const reference = new Map<string, unknown>(Object.entries(value))
    const name = reference.get('secret') ?? reference.get('configMap')
    return reference.size === 2 && isObjectName(name) && isDataKey(reference.get('key'))
  },
  allowed:
    "a text, { secret: 'name', key: 'key' } or { configMap: 'name', key: 'key' }, as Kubernetes has them",
}

const computeRules: Rules = {
  cpu: { allows: isCpuQuantity, allowed: "a number of CPUs above 0 such as '2', '0.5' or '500m'" },
  memory: { allows: isMemoryQuantity, allowed: "bytes above 0 such as '512Mi' or '2Gi'" },
}

const resourceRules: Rules = {
  ...computeRules,
  gpu: aWholeNumber(0, 1_000),
  gpuResource: {
    allows: isExtendedResource,
    allowed: "the name of a device's resource such as 'nvidia.com/gpu'",
  },
}

const aLabelKey: Rule = {
  allows: isLabelKey,
  allowed: "a label's key such as 'disk' or 'example.com/disk'",
}

const aLabelValue: Rule = {
  allows: isLabelValue,
  allowed: "a label's value: at most 63 letters, digits, -, _ and ., no sign at either end",
}

/** As in the schema of the resource, and by the rule at its `spec.socket.path`. */
const aSocketPath: Rule = {
  allows: (value) =>
    typeof value === 'string' &&
    value.length <= 107 &&
    /^\/([^/]+\/)+[^/]+\.sock$/.test(value) &&
    !/^\/(dev|etc|proc|sys|tmp)\/[^/]+$/.test(value) &&
    !/\/\.\.?\//.test(value),
  allowed:
    "a path in a folder of its own such as '/tmp/sockets/app.sock', of at most 107 characters",
}

const anObjectName: Rule = { allows: isObjectName, allowed: 'the name of an object in Kubernetes' }

const fallbackRules: Rules = {
  replicas: aWholeNumber(1, 10_000),
  failureThreshold: aWholeNumber(1, 1_000),
  behavior: oneOf('static', 'currentReplicas', 'currentReplicasIfHigher', 'currentReplicasIfLower'),
}

const authenticationRules: Rules = {
  name: anObjectName,
  kind: oneOf('TriggerAuthentication', 'ClusterTriggerAuthentication'),
}

const sidecarRules: Rules = {
  image: anImage,
  imagePullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  mode: oneOf('Auto', 'Native', 'Container'),
  resources: { rules: computeRules },
  env: {
    names: {
      allows: isEnvironmentName,
      allowed: 'letters, digits and _, not beginning with a digit',
    },
    values: aVariablesValue,
  },
}

const tolerationRules: Rules = {
  key: aLabelKey,
  operator: oneOf('Exists', 'Equal'),
  value: aLabelValue,
  effect: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
}

export const actorRules: Rules = {
  name: aName,
  description: aText,
  timeout: aDuration(0),
  gracefulShutdown: aDuration(0),
  retry: {
    rules: {
      maxAttempts: aWholeNumber(1, 1_000),
      initialDelay: aDuration(-1),
      maxDelay: aDuration(-1),
      backoff: aFactor,
      retryCodes: someCodes,
      fatalCodes: someCodes,
    },
  },
  scaling: {
    rules: {
      min: aWholeNumber(0, 10_000),
      max: aWholeNumber(1, 10_000),
      queueLength: aWholeNumber(1, 1_000_000),
      pollingInterval: aDuration(0),
      cooldownPeriod: aDuration(-1),
      paused: aFlag,
      protocol: oneOf('http', 'amqp'),
      fallback: { rules: fallbackRules },
      authenticationRef: { rules: authenticationRules },
    },
  },
  concurrency: aWholeNumber(1, 1_000),
  workload: {
    rules: { type: oneOf('Deployment', 'StatefulSet', 'Job'), replicas: aWholeNumber(0, 10_000) },
  },
  image: anImage,
  resources: { rules: resourceRules },
  env: { names: aVariable, values: aVariablesValue },
  sidecar: { rules: sidecarRules },
  socket: { rules: { path: aSocketPath, maxSize: aWholeNumber(1, 1_073_741_824) } },
  nodeSelector: { names: aLabelKey, values: aLabelValue },
  tolerations: {
    items: { rules: tolerationRules },
    allowed: "a list such as [{ key: 'gpu', operator: 'Exists' }]",
  },
}

/** Whether an option of an actor is a time: `retry.initialDelay` is one. */
export function isDurationOption(path: string): boolean {
  return findRule(actorRules, path.split('.'))?.isDuration === true
}

const pipelineRules: Rules = { name: aName, description: aText, timeout: aDuration(0) }

const aQueue: Rule = {
  allows: (value) => isStepName(value) && value !== HAPPY_END && value !== ERROR_END,
  allowed: `at most 200 of letters, digits, ".", "_" and "-", beginning with a letter or digit, and neither ${HAPPY_END} nor ${ERROR_END}`,
}

const remoteActorRules: Rules = { name: aName, queue: aQueue, description: aText }

/** What is not allowed of the options of an actor; none, if it can be run as they say. */
export function findActorOptionProblems(options: unknown): readonly OptionProblem[] {
  const problems = findProblems(options, actorRules)
  // Every value is known to be allowed, so the options have the shape that is compared below.
  return problems.length > 0 ? problems : findContradictions(options as ComparedOptions)
}

/** What is missing or not allowed of the options of an actor that somebody else runs. */
export function findRemoteActorOptionProblems(options: unknown): readonly OptionProblem[] {
  const problems = findProblems(options, remoteActorRules)
  if (problems.length > 0) return problems
  // Every value is known to be allowed.
  const { name, queue = name } = options as { readonly name?: string; readonly queue?: string }
  if (name === undefined) return [{ path: ['name'], message: 'option name is missing' }]
  if (aQueue.allows(queue)) return []
  const message = `option queue is missing, and ${show(name)} cannot be it: it is an end of pipelines`
  return [{ path: ['name'], message }]
}

/** What is not allowed of the options of a pipeline. */
export function findPipelineOptionProblems(options: unknown): readonly OptionProblem[] {
  return findProblems(options, pipelineRules)
}

/** The options that can contradict each other. */
export interface ComparedOptions {
  readonly retry?: {
    readonly initialDelay?: string | number
    readonly maxDelay?: string | number
    readonly retryCodes?: readonly string[]
    readonly fatalCodes?: readonly string[]
  }
  readonly timeout?: string | number
  readonly scaling?: {
    readonly min?: number
    readonly max?: number
    readonly cooldownPeriod?: string | number
    readonly protocol?: string
    readonly fallback?: { readonly replicas?: number }
    readonly authenticationRef?: { readonly name?: string }
  }
  readonly workload?: { readonly type?: string; readonly replicas?: number }
  readonly tolerations?: readonly {
    readonly key?: string
    readonly operator?: string
    readonly value?: string
  }[]
}

/** Options that are allowed on their own, but not together. */
export function findContradictions(options: ComparedOptions): OptionProblem[] {
  return [
    ...compareRetry(options.retry ?? {}),
    ...compareScaling(options),
    ...compareCounting(options),
    ...(options.tolerations ?? []).flatMap(compareToleration),
  ]
}

function compareRetry(retry: NonNullable<ComparedOptions['retry']>): OptionProblem[] {
  const problems: OptionProblem[] = []
  const { initialDelayMs, maxDelayMs } = DEFAULT_RETRY_POLICY
  if ((toMs(retry.initialDelay) ?? initialDelayMs) > (toMs(retry.maxDelay) ?? maxDelayMs))
    problems.push({
      path: ['retry', retry.initialDelay === undefined ? 'maxDelay' : 'initialDelay'],
      message: `option retry.initialDelay is ${show(retry.initialDelay ?? initialDelayMs)}: expected at most retry.maxDelay, which is ${show(retry.maxDelay ?? '5m')}`,
    })
  const both = retry.retryCodes?.find((code) => retry.fatalCodes?.includes(code))
  if (both !== undefined)
    problems.push({
      path: ['retry', 'retryCodes'],
      message: `option retry.retryCodes has ${show(both)}, and so has retry.fatalCodes`,
    })
  return problems
}

function compareScaling({ scaling, workload }: ComparedOptions): OptionProblem[] {
  const problems: OptionProblem[] = []
  const { min, max } = scaling ?? {}
  if (min !== undefined && max !== undefined && min > max)
    problems.push({
      path: ['scaling', 'min'],
      message: `option scaling.min is ${show(min)}: expected at most scaling.max, which is ${show(max)}`,
    })
  if (scaling !== undefined && workload?.replicas !== undefined)
    problems.push({
      path: ['workload', 'replicas'],
      message: `option workload.replicas is ${show(workload.replicas)}, and there is scaling too: expected one of them, since replicas are for an actor that does not scale`,
    })
  if (workload?.type === 'Job' && min !== undefined && min > 0)
    problems.push({
      path: ['scaling', 'min'],
      message: `option scaling.min is ${show(min)}, and workload.type is 'Job': expected 0, since jobs are made when there are messages`,
    })
  return problems
}

/** How the queue is counted, and what is done while it cannot be. */
function compareCounting({ scaling = {}, workload, timeout }: ComparedOptions): OptionProblem[] {
  const problems: OptionProblem[] = []
  const refuse = (option: string, message: string): void => {
    problems.push({ path: ['scaling', option], message: `option scaling.${option} ${message}` })
  }
  const { fallback, authenticationRef, max, min = 0, cooldownPeriod } = scaling
  if (fallback && fallback.replicas === undefined)
    refuse(
      'fallback',
      'has no replicas: expected how many there are while the queue cannot be counted',
    )
  if (fallback?.replicas !== undefined && max !== undefined && fallback.replicas > max)
    refuse(
      'fallback',
      `has replicas: ${fallback.replicas}: expected at most scaling.max, which is ${max}`,
    )
  if (fallback && workload?.type === 'Job')
    refuse('fallback', "is not for workload.type 'Job': expected none")
  if (authenticationRef && authenticationRef.name === undefined)
    refuse('authenticationRef', 'has no name: expected that of an authentication of KEDA')
  const [cooldownMs, timeoutMs] = [toMs(cooldownPeriod), toMs(timeout)]
  const isShort = cooldownMs !== undefined && timeoutMs !== undefined && cooldownMs < timeoutMs
  if (scaling.protocol === 'amqp' && min === 0 && isShort)
    refuse(
      'cooldownPeriod',
      `is ${show(cooldownPeriod)}, and scaling.protocol is 'amqp', which does not see messages in progress: expected at least the timeout, which is ${show(timeout)}, or scaling.min above 0`,
    )
  return problems
}

/** The API server's own rules. */
function compareToleration(
  toleration: NonNullable<ComparedOptions['tolerations']>[number],
  index: number,
): OptionProblem[] {
  const { key, operator, value } = toleration
  const place = `option tolerations[${index}]`
  if (operator === 'Exists' && value !== undefined && value !== '')
    return [
      {
        path: ['tolerations', index, 'value'],
        message: `${place}.value is ${show(value)}, and its operator is 'Exists': expected no value, or 'Equal'`,
      },
    ]
  if (key === undefined && operator !== 'Exists')
    return [
      {
        path: ['tolerations', index],
        message: `${place} has no key: expected one, or the operator 'Exists', which then means every taint`,
      },
    ]
  return []
}
