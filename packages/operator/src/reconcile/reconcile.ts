import { isDeepStrictEqual } from 'node:util'
import { desireObjects, type Desired } from '../desired/desire-objects.ts'
import type { Platform } from '../desired/platform.ts'
import type { KubeObject, ObjectKey } from '../kube/kube-object.ts'
import type { ActorMemory } from './actor-memory.ts'
import { carryOut, type Failure } from './carry-out.ts'
import { judgeScaling } from './judge-scaling.ts'
import { judgeTransport } from './judge-transport.ts'
import { hasRolledOut, judgeWorkload } from './judge-workload.ts'
import { makeStatus, type Status } from './make-status.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import { observe } from './observed.ts'
import { planWrites } from './plan-writes.ts'
import type { Caches, Hands } from './surroundings.ts'

export interface ReconcileParts {
  readonly caches: Caches
  readonly hands: Hands
  readonly platform: Platform
  readonly memory: ActorMemory
  readonly now: () => Date
}

/** What came of it. `again`: something stands in the way whose going no event will tell. */
export type Outcome =
  | { readonly type: 'gone' }
  | { readonly type: 'done'; readonly status: Status | undefined }
  | { readonly type: 'again'; readonly status: Status; readonly afterMs: number }

/** Another's object in the way, or missing rights: nobody tells when that is mended. */
const LOOK_AGAIN_MS = 60_000

/**
 * Brings what is there to what an actor asks for, and says in its status how it is. Level-based: it
 * looks at what is there now, and never at what happened. Throws a KubeError that may pass.
 */
export async function reconcile(key: ObjectKey, parts: ReconcileParts): Promise<Outcome> {
  const actor = parts.caches.getActor(key)
  if (actor === undefined) return { type: 'gone' }
  // The API server collects what belongs to it.
  if (actor.metadata.deletionTimestamp !== undefined) return { type: 'done', status: actor.status }
  const desired = desireObjects(actor, parts.platform)
  const cached = parts.caches.listChildren(actor)
  const children = parts.memory.overlay(cached)
  const { workload } = observe(children, [])
  const isRollingOut = workload !== undefined && !hasRolledOut(workload)
  const writes = planWrites(desired, children, { settled: parts.memory.settled, isRollingOut })
  const failure = await carryOut(writes, { ...parts, actor, cached })
  const status = await updateStatus(actor, { ...parts, desired, cached, failure })
  return failure === undefined
    ? { type: 'done', status }
    : { type: 'again', status, afterMs: LOOK_AGAIN_MS }
}

interface StatusInputs extends ReconcileParts {
  readonly desired: Desired
  readonly cached: readonly KubeObject[]
  readonly failure: Failure | undefined
}

/** The status as it is now. */
async function updateStatus(actor: StoredActor, inputs: StatusInputs): Promise<Status> {
  const { caches, hands, memory, platform, desired, failure } = inputs
  const basis = actor.metadata.resourceVersion ?? ''
  const before = memory.statusAhead(basis) ?? actor.status
  const observed = observe(memory.overlay(inputs.cached), caches.listPods(actor))
  const known = before === undefined ? actor : { ...actor, status: before }
  const after = makeStatus(known, {
    observed,
    parts: {
      WorkloadReady: judgeWorkload(observed),
      ScalingReady: judgeScaling(actor, observed, { platform, warnings: desired.warnings }),
      TransportReady: judgeTransport(observed),
    },
    stalled: failure,
    now: inputs.now(),
  })
  // The API server orders members as it likes.
  if (isDeepStrictEqual(before, after)) return after
  await hands.applyStatus(actor, after)
  memory.noteStatus(basis, after)
  hands.tell(actor, { before, after })
  return after
}
