import type { Desired } from '../desired/desire-objects.ts'
import { pickNumber } from '../kube/fields.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import { projectOnto } from './project-onto.ts'

/** What is to be written, in this order. */
export type Write =
  /** An object that is missing (`isNew`), or differs. */
  | { readonly type: 'apply'; readonly object: KubeObject; readonly isNew: boolean }
  /** The replicas alone, by their own field manager. */
  | { readonly type: 'apply-replicas'; readonly object: KubeObject }
  | { readonly type: 'delete'; readonly object: KubeObject }

/**
 * Of each child that the API server keeps otherwise than it was given (`1000m` becomes `1`): how it
 * looked after it was applied. While it looks so, nothing is written.
 */
type Settled = ReadonlyMap<string, string>

/** `ScaledObject/echo`: unique among the children of an actor. */
export function childId({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`
}

export interface Circumstances {
  readonly settled: Settled
  /** Pods of the template before are still being replaced. */
  readonly isRollingOut: boolean
}

/** What leads from the children that are there to the wanted ones: nothing, if they are alike. */
export function planWrites(
  desired: Desired,
  children: readonly KubeObject[],
  { settled, isRollingOut }: Circumstances,
): Write[] {
  const held = new Map(children.map((child) => [childId(child), child]))
  const wanted = new Set(desired.objects.map(childId))
  const applies = desired.objects.flatMap((object): Write[] => {
    const child = held.get(childId(object))
    if (child === undefined) return [{ type: 'apply', object, isNew: true }]
    return isAsWanted(object, child, settled) ? [] : [{ type: 'apply', object, isNew: false }]
  })
  const removals = children
    .filter((child) => !wanted.has(childId(child)) && !isEnding(child))
    // A pod of the template before that starts now would not find what it mounts.
    .filter(({ kind }) => kind !== 'ConfigMap' || !isRollingOut)
    .map((object): Write => ({ type: 'delete', object }))
  // A scaler that is not wanted goes before the replicas are set: else it would set them back.
  return [...applies, ...removals, ...planReplicas(desired, held)]
}

function isAsWanted(object: KubeObject, child: KubeObject, settled: Settled): boolean {
  if (isEnding(child)) return true
  const view = projectOnto(object, child)
  return view === JSON.stringify(object) || view === settled.get(childId(object))
}

/** What is being deleted cannot be mended: when it is gone, it is missing. */
function isEnding({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

function planReplicas({ replicas }: Desired, held: ReadonlyMap<string, KubeObject>): Write[] {
  if (replicas === undefined) return []
  const child = held.get(childId(replicas.object))
  const current = pickNumber(child, 'spec', 'replicas')
  const wanted = pickNumber(replicas.object, 'spec', 'replicas') ?? 1
  const isEnough =
    current !== undefined && (replicas.isMinimum ? current >= wanted : current === wanted)
  return isEnough ? [] : [{ type: 'apply-replicas', object: replicas.object }]
}
