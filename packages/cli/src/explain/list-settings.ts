import { DEFAULT_RETRY_POLICY } from '@asya/protocol'
import type { ActorModel, ActorSettings, Position, ProjectSettings } from '@asya/compiler'

/** What an actor is run with, and who said so. */
export interface SettingView {
  /** As in the options of `defineActor`: `retry.maxAttempts`. */
  readonly name: string
  readonly value: unknown
  readonly from: 'options' | 'project' | 'environment' | 'default'
  readonly position?: Position | undefined
}

/** Of these the reader of an explanation wants to know what holds when nobody says anything. */
const DEFAULTS: ActorSettings = {
  timeoutMs: 300_000,
  concurrency: 1,
  retry: {
    maxAttempts: DEFAULT_RETRY_POLICY.maxAttempts,
    initialDelayMs: DEFAULT_RETRY_POLICY.initialDelayMs,
    maxDelayMs: DEFAULT_RETRY_POLICY.maxDelayMs,
    backoff: DEFAULT_RETRY_POLICY.backoff,
  },
}

/** Everything that is set for an actor, and the defaults of what is not; in order of the names. */
export function listSettings(actor: ActorModel, project: ProjectSettings): SettingView[] {
  const own = flatten(actor.settings)
  const shared = flatten(project.defaults ?? {})
  const defaults = flatten(DEFAULTS)
  const paths = new Set([...own.keys(), ...shared.keys(), ...defaults.keys()])
  return [...paths].sort().map((path) => {
    const origin = actor.origins?.[path]
    const from = own.has(path) ? 'options' : shared.has(path) ? 'project' : 'default'
    return {
      name: path.replace(/Ms$/, ''),
      value: own.get(path) ?? shared.get(path) ?? defaults.get(path),
      from: origin?.from ?? from,
      ...(origin?.position && { position: origin.position }),
    }
  })
}

/** Settings by their paths: they stand in groups of one level, as `retry.maxAttempts`. */
function flatten(settings: ActorSettings): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  for (const [name, value] of Object.entries(settings) as [string, unknown][]) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) leaves.set(name, value)
    else
      for (const [member, one] of Object.entries(value) as [string, unknown][])
        leaves.set(`${name}.${member}`, one)
  }
  for (const [path, value] of leaves) if (value === undefined) leaves.delete(path)
  return leaves
}
