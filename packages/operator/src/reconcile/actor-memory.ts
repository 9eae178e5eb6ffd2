import type { KubeObject } from '../kube/kube-object.ts'
import type { Status } from './make-status.ts'
import { childId } from './plan-writes.ts'

/**
 * What is remembered of one actor between two reconciles. All of it may be lost at any time: then some
 * writes are repeated that change nothing.
 *
 * M1 A cache is behind what was just written to the API server. Until it has moved, what was answered
 *    to the write counts in its place: else the next reconcile would write again.
 *    The answer is let go as soon as it is known that the cache has moved: thousands of actors may be
 *    in line for that reconcile.
 * M2 What the API server keeps otherwise than it was given (`1000m` becomes `1`) is written once, and
 *    then only when it looks otherwise again.
 */
export class ActorMemory {
  readonly settled = new Map<string, string>()
  readonly #ahead = new Map<string, Ahead>()
  /** While a reconcile runs: what the cache has of these is newer. */
  #moved: Set<string> | undefined
  #status: { readonly basis: string; readonly status: Status } | undefined

  /** The children as they are after our own writes (M1). */
  overlay(cached: readonly KubeObject[]): KubeObject[] {
    const children = new Map(cached.map((child) => [childId(child), child]))
    for (const [id, { basis, object }] of this.#ahead) {
      const child = children.get(id)
      if (versionOf(child) !== basis) this.#ahead.delete(id)
      else if (object === undefined) children.delete(id)
      else children.set(id, object)
    }
    return [...children.values()]
  }

  /** `answer` is what the API server answered to a write, and undefined to a removal. */
  noteWrite(
    id: string,
    { cached, answer }: { cached: KubeObject | undefined; answer: KubeObject | undefined },
  ): void {
    const basis = versionOf(cached)
    // Nothing was changed: no event will follow.
    if (answer !== undefined && versionOf(answer) === basis) return
    this.#ahead.set(id, { basis, object: answer })
  }

  /** A reconcile begins: until it ends, it goes by what was known then, and by its own writes. */
  begin(): void {
    this.#moved = new Set()
  }

  end(): void {
    for (const id of this.#moved ?? []) this.#ahead.delete(id)
    this.#moved = undefined
  }

  /** The cache of this object has moved: `kind/name`. */
  noteChange(id: string): void {
    if (this.#moved === undefined) this.#ahead.delete(id)
    else this.#moved.add(id)
  }

  noteStatus(basis: string, status: Status): void {
    this.#status = { basis, status }
  }

  /** The status last written, while the cache has not moved since (M1). */
  statusAhead(basis: string): Status | undefined {
    if (this.#status?.basis !== basis) this.#status = undefined
    return this.#status?.status
  }
}

interface Ahead {
  /** The version of the cached object when it was written; undefined, if there was none. */
  readonly basis: string | undefined
  readonly object: KubeObject | undefined
}

function versionOf(object: KubeObject | undefined): string | undefined {
  return object?.metadata.resourceVersion
}
