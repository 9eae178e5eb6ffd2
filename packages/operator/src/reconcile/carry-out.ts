import { KubeError } from '../kube/errors.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import type { ActorMemory } from './actor-memory.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import { childId, type Write } from './plan-writes.ts'
import { projectOnto } from './project-onto.ts'
import type { Hands } from './surroundings.ts'

/** What does not mend by itself. */
export interface Failure {
  readonly reason: 'NameTaken' | 'Refused' | 'Forbidden'
  readonly message: string
}

export interface CarryOutParts {
  readonly actor: StoredActor
  /** The children as the cache has them. */
  readonly cached: readonly KubeObject[]
  readonly hands: Hands
  readonly memory: ActorMemory
}

/**
 * Writes in order, and stops at what the API server will refuse again: a scaler for a workload that it
 * did not take would only add to the noise. Throws a KubeError that may pass.
 */
export async function carryOut(
  writes: readonly Write[],
  parts: CarryOutParts,
): Promise<Failure | undefined> {
  for (const write of writes) {
    const failure = await carryOutOne(write, parts)
    if (failure !== undefined) return failure
  }
  return undefined
}

async function carryOutOne(write: Write, parts: CarryOutParts): Promise<Failure | undefined> {
  const { hands, memory, cached } = parts
  const id = childId(write.object)
  const held = cached.find((child) => childId(child) === id)
  try {
    if (write.type === 'delete') {
      await hands.remove(write.object)
      memory.noteWrite(id, { cached: held, answer: undefined })
      return undefined
    }
    if (write.type === 'apply' && write.isNew) {
      const taken = await findOtherOwner(write.object, parts)
      if (taken !== undefined) return taken
    }
    const answer = await hands.apply(write)
    memory.noteWrite(id, { cached: held, answer })
    if (write.type === 'apply') noteDifference(memory, { id, wanted: write.object, answer })
    return undefined
  } catch (error) {
    if (error instanceof KubeError) return toFailure(error, write.object)
    throw error
  }
}

/** M2 of the memory. */
function noteDifference(
  memory: ActorMemory,
  { id, wanted, answer }: { id: string; wanted: KubeObject; answer: KubeObject },
): void {
  const view = projectOnto(wanted, answer)
  if (view === JSON.stringify(wanted)) memory.settled.delete(id)
  else memory.settled.set(id, view)
}

/** An apply would take over an object that somebody else made. */
async function findOtherOwner(
  object: KubeObject,
  { actor, hands }: CarryOutParts,
): Promise<Failure | undefined> {
  const found = await hands.get(object)
  if (found === undefined) return undefined
  const owner = found.metadata.ownerReferences?.find(({ controller }) => controller === true)
  if (owner?.uid === actor.metadata.uid) return undefined
  const what = `${found.kind} ${found.metadata.name}`
  const message =
    owner === undefined
      ? `there is a ${what} already that no AsyncActor made: delete or rename it, or give the actor another name`
      : `there is a ${what} already that belongs to ${owner.kind} ${owner.name} (uid ${owner.uid}): wait until it is gone, or give the actor another name`
  return { reason: 'NameTaken', message }
}

/** Throws it again if it may pass. */
function toFailure(error: KubeError, { kind, metadata }: KubeObject): Failure {
  const what = `${kind} ${metadata.name}: ${error.message}`
  switch (error.code) {
    case 'invalid':
      return { reason: 'Refused', message: `the API server refuses ${what}` }
    case 'forbidden':
      return { reason: 'Forbidden', message: `the operator may not write ${what}` }
    default:
      throw error
  }
}
