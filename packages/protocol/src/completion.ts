import { branchKey, type Branch } from './branch.ts'
import type { JsonBytes } from './json-bytes.ts'
import type { FinalReport } from './progress.ts'

/**
 * When a job is complete (design, section 4).
 *
 * C1 A final counts once per branch, however often and in whatever order it comes.
 * C2 A fan-out is done when one generation of it is whole; the first to be whole alone supplies
 *    its results, and later generations change nothing.
 * C3 The job is complete when its root is done.
 */

/** How one leaf of the job's tree ended. */
export type BranchEnd =
  | { readonly status: 'succeeded'; readonly branch: Branch; readonly result: JsonBytes }
  | { readonly status: 'failed'; readonly branch: Branch; readonly error: JsonBytes }

interface Node {
  /** Set when the branch itself ended. */
  end?: BranchEnd
  /** Fan-outs below, by generation and count: the children that are done. */
  readonly generations: Map<string, Set<number>>
  /** The generation that was whole first. */
  winner?: { readonly generation: string; readonly count: number }
  isDone: boolean
}

/** Collects the finals of one job. */
export class JobCompletion {
  readonly #nodes = new Map<string, Node>()

  /** True once the root is done (C3). */
  get isComplete(): boolean {
    return this.#nodes.get('')?.isDone ?? false
  }

  /** Takes a final; returns true when this one completed the job. */
  record(final: FinalReport): boolean {
    if (this.isComplete) return false
    const node = this.#nodeOf(final.branch)
    if (node.isDone) return false
    node.end = final
    return this.#finish(final.branch, node)
  }

  /** The ends of all branches, in the order of the fan-outs; empty until the job is complete. */
  collect(): readonly BranchEnd[] {
    return this.isComplete ? this.#collectBelow([]) : []
  }

  #nodeOf(branch: Branch): Node {
    const key = branchKey(branch)
    const known = this.#nodes.get(key)
    if (known) return known
    const node: Node = { generations: new Map(), isDone: false }
    this.#nodes.set(key, node)
    return node
  }

  /** Marks a branch done and climbs as long as that makes a parent whole (C1, C2). */
  #finish(branch: Branch, node: Node): boolean {
    node.isDone = true
    const entry = branch.at(-1)
    if (!entry) return true
    const parentBranch = branch.slice(0, -1)
    const parent = this.#nodeOf(parentBranch)
    if (parent.isDone) return false
    // The count belongs to the key: entries that contradict each other make no whole.
    const key = `${entry.generation}.${String(entry.count)}`
    const done = parent.generations.get(key) ?? new Set<number>()
    parent.generations.set(key, done)
    done.add(entry.index)
    if (done.size < entry.count) return false
    parent.winner = { generation: entry.generation, count: entry.count }
    return this.#finish(parentBranch, parent)
  }

  #collectBelow(branch: Branch): readonly BranchEnd[] {
    const node = this.#nodeOf(branch)
    if (node.end) return [node.end]
    const { winner } = node
    if (!winner) return []
    return Array.from({ length: winner.count }, (_, index) =>
      this.#collectBelow([...branch, { index, ...winner }]),
    ).flat()
  }
}
