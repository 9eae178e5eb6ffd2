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
import { no, type Verdict } from './verdict.ts'

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
  | { readonly type: 'done' }
  | { readonly type: 'again'; readonly afterMs: number }

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
  if (actor.metadata.deletionTimestamp !== undefined) return { type: 'done' }
  const desired = desireObjects(actor, parts.platform)
  const cached = parts.caches.listChildren(actor)
  const children = parts.memory.overlay(cached)
  const { workload } = observe(children, [])
  const isRollingOut = workload !== undefined && !hasRolledOut(workload)
  const writes = planWrites(desired, children, { settled: parts.memory.settled, isRollingOut })
  const failure = await carryOut(writes, { ...parts, actor, cached })
  await updateStatus(actor, { ...parts, desired, cached, failure })
  return failure === undefined ? { type: 'done' } : { type: 'again', afterMs: LOOK_AGAIN_MS }
}

interface StatusInputs extends ReconcileParts {
  readonly desired: Desired
  readonly cached: readonly KubeObject[]
  readonly failure: Failure | undefined
}

async function updateStatus(actor: StoredActor, inputs: StatusInputs): Promise<void> {
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
    stalled: failure && describeFailure(failure),
    now: inputs.now(),
  })
  if (before !== undefined && isSame(before, after)) return
  await hands.applyStatus(actor, after)
  memory.noteStatus(basis, after)
  hands.tell(actor, { before, after })
}

function describeFailure({ reason, message }: Failure): Verdict {
  return no(reason, message)
}

/** The API server orders members as it likes. */
function isSame(before: Status, after: Status): boolean {
  return canonical(before) === canonical(after)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
