import type { AsyncActor } from '@asya/protocol'
import { judgeReady, type Parts } from './judge-ready.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import type { Observed } from './observed.ts'
import { no, yes, type Verdict } from './verdict.ts'

export type Status = NonNullable<AsyncActor['status']>
export type Condition = NonNullable<Status['conditions']>[number]

export interface StatusParts {
  readonly observed: Observed
  readonly parts: Parts
  /** What does not mend by itself, if there is such a thing: the condition Stalled. */
  readonly stalled: { readonly reason: string; readonly message: string } | undefined
  readonly now: Date
}

/**
 * The status that an actor should have. Times move only when a condition flips, so that what has not
 * changed is the same text again, and is not written.
 */
export function makeStatus(
  actor: StoredActor,
  { observed, parts, stalled, now }: StatusParts,
): Status {
  const ready = judgeReady(parts)
  const all: Record<string, Verdict | undefined> = {
    Ready: stalled === undefined ? ready : no(stalled.reason, stalled.message),
    ...parts,
    // As kstatus has it: these two are there only while they are true.
    Stalled: stalled && yes(stalled.reason, stalled.message),
    Reconciling: stalled === undefined ? reconciling(ready) : undefined,
  }
  const conditions = Object.entries(all).flatMap(([type, verdict]) =>
    verdict === undefined ? [] : [toCondition(actor, { type, verdict, now })],
  )
  const { workload, scaler, pods } = observed
  const namespace = actor.metadata.namespace
  const running = pods.filter(({ isEnding }) => !isEnding).length
  return {
    ...(actor.metadata.generation !== undefined && {
      observedGeneration: actor.metadata.generation,
    }),
    conditions,
    ...(workload && { workloadRef: refer(workload, namespace) }),
    ...(scaler && { scaledObjectRef: refer(scaler, namespace) }),
    replicas: workload === undefined || workload.kind === 'Job' ? running : workload.replicas,
    readyReplicas: workload?.ready ?? 0,
  }
}

function reconciling(ready: Verdict): Verdict | undefined {
  return ready.status === 'Unknown' ? { ...ready, status: 'True' } : undefined
}

interface ConditionParts {
  readonly type: string
  readonly verdict: Verdict
  readonly now: Date
}

function toCondition(actor: StoredActor, { type, verdict, now }: ConditionParts): Condition {
  const before = actor.status?.conditions?.find((condition) => condition.type === type)
  const since =
    before?.status === verdict.status
      ? before.lastTransitionTime
      : // Seconds, as everything in Kubernetes has.
        `${now.toISOString().slice(0, 19)}Z`
  return {
    type,
    ...verdict,
    lastTransitionTime: since,
    ...(actor.metadata.generation !== undefined && {
      observedGeneration: actor.metadata.generation,
    }),
  }
}

function refer(
  { apiVersion, kind, name }: { apiVersion: string; kind: string; name: string },
  namespace: string,
) {
  return { apiVersion, kind, name, namespace }
}
