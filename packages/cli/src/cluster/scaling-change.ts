import type { KubeObject } from '@asya/operator/kube'
import { UsageError } from '../errors.ts'
import { readOwners, SCALER } from './field-owners.ts'
import { pick, pickNumber, type Fields } from '@asya/operator/fields'

/** What `asya scale` was asked for: bounds for the queue, or a number of replicas in its place. */
export interface ScaleRequest {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly replicas?: number | undefined
}

/** Throws a UsageError when nothing, or what excludes each other, is asked for. */
export function assertScaleRequest({ min, max, replicas }: ScaleRequest): void {
  const isBounded = min !== undefined || max !== undefined
  if (!isBounded && replicas === undefined)
    throw new UsageError('how many? --min and --max bound the queue, --replicas sets a number')
  if (isBounded && replicas !== undefined)
    throw new UsageError('--replicas turns scaling off: leave out --min and --max')
  if (min !== undefined && max !== undefined && min > max)
    throw new UsageError(`--min ${min} is above --max ${max}`)
}

/**
 * The spec that `asya scale` applies to an actor. What an earlier `asya scale` set and this one does
 * not name is in it too: else it would be given up.
 */
export function makeScaling(actor: KubeObject, request: ScaleRequest): Fields {
  const { replicas } = request
  if (replicas !== undefined) {
    assertNoJob(actor)
    return { scaling: { enabled: false }, workload: { replicas } }
  }
  const min = request.min ?? readHeld(actor, 'minReplicas')
  const max = request.max ?? readHeld(actor, 'maxReplicas')
  const isOff = pick(actor, 'spec', 'scaling', 'enabled') === false
  return {
    scaling: {
      ...(isOff && { enabled: true }),
      ...(min !== undefined && { minReplicas: min }),
      ...(max !== undefined && { maxReplicas: max }),
    },
  }
}

function assertNoJob(actor: KubeObject): void {
  if (pick(actor, 'spec', 'workload', 'type') !== 'Job') return
  throw new UsageError(
    `${actor.metadata.name} is a Job, which has no replicas: --max bounds how many run at a time`,
  )
}

function readHeld(actor: KubeObject, name: string): number | undefined {
  const path = ['spec', 'scaling', name]
  const isHeld = readOwners(actor).some(
    (owned) => owned.manager === SCALER && owned.path.join('.') === path.join('.'),
  )
  return isHeld ? pickNumber(actor, ...path) : undefined
}
