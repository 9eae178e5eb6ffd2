import { isDurationOption, toMs } from '@asya/protocol'
import type { ActorSettings } from '../model/settings.ts'
import { isRecord, type StaticValue } from './evaluate-expression.ts'

/** Members of an object, by name. */
export type Members = Readonly<Record<string, StaticValue>>

/** Of the actor itself, not of how it is run. */
const NO_SETTINGS: ReadonlySet<string> = new Set(['name', 'description', 'queue'])

/** Where options that hold other options are merged member by member. */
const GROUPS: ReadonlySet<string> = new Set([
  'retry',
  'scaling',
  'workload',
  'resources',
  'env',
  'sidecar',
  'socket',
])

/** The settings that options amount to. The options were checked by the rules of the SDK. */
export function toActorSettings(options: StaticValue): ActorSettings {
  // The rules of the options and the members of the settings agree but for durations.
  return convert(options)
}

function convert(options: StaticValue, path = ''): Readonly<Record<string, unknown>> {
  if (!isRecord(options)) return {}
  const members = Object.entries(options).flatMap(([name, value]): [string, unknown][] => {
    if (value === undefined || NO_SETTINGS.has(name)) return []
    const at = `${path}${name}`
    if (isDurationOption(at)) return [[`${name}Ms`, toMs(value)]]
    if (name === 'env') return [[name, toEnvironment(value)]]
    return [[name, GROUPS.has(name) ? convert(value, `${at}.`) : value]]
  })
  return Object.fromEntries(members)
}

function toEnvironment(variables: StaticValue): Readonly<Record<string, unknown>> {
  const entries = isRecord(variables) ? Object.entries(variables) : []
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? { value } : value]],
    ),
  )
}

/** The path of an option in the settings: `retry.initialDelay` → `retry.initialDelayMs`. */
export function toSettingPath(optionPath: string): string {
  return isDurationOption(optionPath) ? `${optionPath}Ms` : optionPath
}

/** Options laid over others, member by member; of lists and selectors the upper one stands. */
export function mergeOptions(lower: Members, upper: Members): Members {
  const merged = Object.entries(upper).map(([name, value]): [string, StaticValue] => {
    const below = lower[name]
    const areGroups = GROUPS.has(name) && isRecord(value) && isRecord(below)
    return [name, areGroups ? { ...below, ...dropUndefined(value) } : value]
  })
  return { ...lower, ...dropUndefined(Object.fromEntries(merged)) }
}

/** What is undefined counts as left out. */
function dropUndefined(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** The paths of all settings in options: `timeout`, `retry.maxAttempts`, `env.MODEL`. */
export function listLeaves(options: StaticValue): string[] {
  if (!isRecord(options)) return []
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || NO_SETTINGS.has(name)) return []
    if (!isRecord(value)) return [name]
    return Object.keys(value).map((member) => `${name}.${member}`)
  })
}
