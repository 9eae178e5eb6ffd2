import type { Platform } from '../desired/platform.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import type { Condition } from '../kube/fields.ts'
import { findCondition, type Observed, type ScalerFacts } from './observed.ts'
import { no, unknown, yes, type Verdict } from './verdict.ts'

interface Surroundings {
  readonly platform: Pick<Platform, 'hasKeda'>
  /** What `desireObjects` found worth a word. */
  readonly warnings: readonly { readonly reason: string; readonly message: string }[]
}

/** Whether the queue decides on the replicas: what KEDA says of its ScaledObject or ScaledJob. */
export function judgeScaling(
  actor: StoredActor,
  { scaler }: Observed,
  { platform, warnings }: Surroundings,
): Verdict {
  const scaling = actor.spec.scaling ?? {}
  if (scaling.enabled === false) {
    return yes('ScalingDisabled', 'scaling.enabled is false: workload.replicas holds')
  }
  if (!platform.hasKeda) {
    return no(
      'KedaNotInstalled',
      'the API server has no keda.sh/v1alpha1: workload.replicas holds until KEDA is installed',
    )
  }
  if (scaler === undefined) return unknown('NotCreated', 'there is no ScaledObject yet')
  const ready = findCondition(scaler, 'Ready')
  if (ready === undefined || ready.status === 'Unknown') {
    return unknown('KedaHasNotSaid', `KEDA has not yet said how ${scaler.kind} ${scaler.name} is`)
  }
  if (ready.status !== 'True') return no(ready.reason || 'NotReady', describe(scaler, ready))
  return judgeReady(scaler, warnings)
}

function judgeReady(scaler: ScalerFacts, warnings: Surroundings['warnings']): Verdict {
  if (findCondition(scaler, 'Paused')?.status === 'True') {
    return yes('Paused', 'scaling is paused: the replicas stay as they are')
  }
  const fallback = findCondition(scaler, 'Fallback')
  if (fallback?.status === 'True') {
    return no('Fallback', `the queue cannot be counted: ${describe(scaler, fallback)}`)
  }
  const warning = warnings.find(({ reason }) => SCALING_WARNINGS.has(reason))
  if (warning !== undefined) return yes(warning.reason, warning.message)
  return findCondition(scaler, 'Active')?.status === 'True'
    ? yes('Active', 'there are messages')
    : yes('Inactive', 'there are no messages')
}

const SCALING_WARNINGS: ReadonlySet<string> = new Set(['CountsReadyOnly'])

function describe({ kind, name }: ScalerFacts, { message }: Condition): string {
  return message === '' ? `${kind} ${name} is not ready` : message
}
