// By file, not by the whole protocol: what the main entry takes, every bundled actor carries.
import type { FailureCode, RetryPolicy } from '@asya/protocol'
import { parseDurationMs } from '@asya/protocol/duration'
import { isActorName } from '@asya/protocol/names'
import { DEFAULT_RETRY_POLICY } from '@asya/protocol/retry'
import { DefinitionError } from './errors.ts'
import { suggestName } from './suggest-name.ts'

/** A time: `'300ms'`, `'90s'`, `'1m30s'`, `'1.5h'`, or a number of milliseconds. */
export type Duration = string | number

/** How an actor is run. The build reads these without running them: write them as literals. */
export interface ActorOptions<Name extends string = string> {
  /** Name of the actor and its queue; else it comes from the export: `readPage` → `read-page`. */
  readonly name?: Name | undefined
  /** What the actor does; else its doc comment says so. */
  readonly description?: string | undefined
  /** How long one attempt may take; then it fails with `timeout_error`. */
  readonly timeout?: Duration | undefined
  readonly retry?: RetryOptions | undefined
  readonly scaling?: ScalingOptions | undefined
  /** How many messages one instance works on at a time; 1 when left out. */
  readonly concurrency?: number | undefined
}

/** What happens to a message whose attempt failed. */
export interface RetryOptions {
  /** How many times a message is tried at most, the first included; 3 when left out. */
  readonly maxAttempts?: number | undefined
  /** Wait before the second attempt; 1s when left out. Delays are rounded up to a queue's tier. */
  readonly initialDelay?: Duration | undefined
  /** The longest wait; 5m when left out. */
  readonly maxDelay?: Duration | undefined
  /** Factor between one wait and the next; 2 when left out. */
  readonly backoff?: number | undefined
  /** Codes that are tried again although they are fatal. */
  readonly retryCodes?: readonly Code[] | undefined
  /** Codes that are not tried again although they are recoverable. */
  readonly fatalCodes?: readonly Code[] | undefined
}

/** A failure's code; those of runtimes in other languages are allowed too. */
type Code = FailureCode | (string & {})

/** How many instances there are, by the depth of the queue. */
export interface ScalingOptions {
  /** 0 lets the actor sleep while its queue is empty. */
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** Messages waiting for each instance before there is another one. */
  readonly queueLength?: number | undefined
  /** How often the queue is looked at while there is no instance. */
  readonly pollingInterval?: Duration | undefined
  /** How long the queue stays empty before the last instance goes. */
  readonly cooldownPeriod?: Duration | undefined
}

export interface PipelineOptions {
  /** Name of the pipeline; else it comes from the export. */
  readonly name?: string | undefined
  /** What the pipeline does; else its doc comment says so. */
  readonly description?: string | undefined
  /** How long a job may take from end to end. */
  readonly timeout?: Duration | undefined
}

/** What is allowed as a value, as a check and in words. */
interface Rule {
  readonly allows: (value: unknown) => boolean
  /** Completes "… is 0: expected …". */
  readonly allowed: string
}

/** A rule for every option; an object of rules for options that stand together. */
type Rules = Readonly<Record<string, Rule | { readonly rules: Rules }>>

/** Timers cannot wait any longer (2^31 - 1 ms, some 24 days). */
const MAX_DURATION_MS = 2_147_483_647

/** Milliseconds of a duration; undefined when it is none. */
export function toMs(duration: unknown): number | undefined {
  const ms = typeof duration === 'string' ? parseDurationMs(duration) : duration
  return typeof ms === 'number' && ms >= 0 && ms <= MAX_DURATION_MS ? ms : undefined
}

function aDuration(moreThanMs: number): Rule {
  const least = moreThanMs < 0 ? '' : ' above 0'
  return {
    allows: (value) => (toMs(value) ?? -1) > moreThanMs,
    allowed: `a duration${least} such as '90s' or '1m30s', or milliseconds, of at most 24 days`,
  }
}

function aWholeNumber(least: number, most: number): Rule {
  return {
    allows: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
    allowed: `a whole number from ${least} to ${most}`,
  }
}

const aName: Rule = {
  allows: (value) => typeof value === 'string' && isActorName(value),
  allowed: 'at most 50 of a-z, 0-9 and -, beginning with a letter and not ending with -',
}

const aText: Rule = {
  allows: (value) => typeof value === 'string' && value.trim() !== '',
  allowed: 'a text',
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

const actorRules: Rules = {
  name: aName,
  description: aText,
  timeout: aDuration(0),
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
    },
  },
  concurrency: aWholeNumber(1, 1_000),
}

const pipelineRules: Rules = { name: aName, description: aText, timeout: aDuration(0) }

/** @throws DefinitionError that names every option that is not allowed */
export function checkActorOptions(options: ActorOptions): ActorOptions {
  const problems = findProblems(options, actorRules, '')
  if (problems.length === 0) problems.push(...findContradictions(options))
  if (problems.length > 0) throw new DefinitionError(problems)
  return freezeDeep(options)
}

/** @throws DefinitionError that names every option that is not allowed */
export function checkPipelineOptions(options: PipelineOptions): PipelineOptions {
  const problems = findProblems(options, pipelineRules, '')
  if (problems.length > 0) throw new DefinitionError(problems)
  return freezeDeep(options)
}

function findProblems(options: unknown, rules: Rules, prefix: string): string[] {
  const place = prefix === '' ? 'the options' : `option ${prefix.slice(0, -1)}`
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return [`${place} is ${show(options)}: expected an object`]
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (!rule)
      return [`there is no option ${prefix}${name}${suggestName(name, Object.keys(rules))}`]
    if ('rules' in rule) return findProblems(value, rule.rules, `${prefix}${name}.`)
    if (rule.allows(value)) return []
    return [`option ${prefix}${name} is ${show(value)}: expected ${rule.allowed}`]
  })
}

/** Options that are allowed on their own, but not together. */
function findContradictions({ retry, scaling }: ActorOptions): string[] {
  const problems: string[] = []
  const policy = toRetryPolicy(retry)
  if (policy.initialDelayMs > policy.maxDelayMs)
    problems.push(
      `option retry.initialDelay is ${show(retry?.initialDelay ?? policy.initialDelayMs)}: expected at most retry.maxDelay, which is ${show(retry?.maxDelay ?? '5m')}`,
    )
  const both = policy.retryCodes.find((code) => policy.fatalCodes.includes(code))
  if (both !== undefined)
    problems.push(`option retry.retryCodes has ${show(both)}, and so has retry.fatalCodes`)
  const { min, max } = scaling ?? {}
  if (min !== undefined && max !== undefined && min > max)
    problems.push(
      `option scaling.min is ${show(min)}: expected at most scaling.max, which is ${show(max)}`,
    )
  return problems
}

/** A value in a message, short. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

function freezeDeep<T extends object>(options: T): T {
  const copy = Object.entries(options).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? freezeDeep(value)
      : value,
  ])
  // fromEntries forgets which members there are.
  return Object.freeze(Object.fromEntries(copy)) as T
}

/** The policy that retry options amount to. */
export function toRetryPolicy(retry: RetryOptions = {}): RetryPolicy {
  const fallback = DEFAULT_RETRY_POLICY
  return {
    maxAttempts: retry.maxAttempts ?? fallback.maxAttempts,
    initialDelayMs: toMs(retry.initialDelay) ?? fallback.initialDelayMs,
    maxDelayMs: toMs(retry.maxDelay) ?? fallback.maxDelayMs,
    backoff: retry.backoff ?? fallback.backoff,
    retryCodes: retry.retryCodes ?? fallback.retryCodes,
    fatalCodes: retry.fatalCodes ?? fallback.fatalCodes,
  }
}
