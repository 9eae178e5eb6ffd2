import type { Branch, BranchStatus, Tree } from './wire.ts'

/** A branch of a job with what is known of its children, in order. */
export interface BranchNode {
  /** As in the tables: the path of fan-outs; empty for the root. */
  readonly key: string
  readonly index: number
  /** `open`: it has not ended, though some of its children may have. */
  readonly status: BranchStatus | 'open'
  readonly size: number | undefined
  readonly fanOuts: readonly FanOut[]
}

/** One answer of a step that made several messages. A message that was delivered twice may have two. */
export interface FanOut {
  readonly generation: string
  readonly count: number
  readonly done: number
  /** Whether its children supply the results: those of the answer that was whole first. */
  readonly isChosen: boolean
  /** Those that ended, or of which some children did. */
  readonly children: readonly BranchNode[]
}

/** Undefined where there was no fan-out. */
export function growTree({ branches, generations }: Tree): BranchNode | undefined {
  if (generations.length === 0) return undefined
  const ended = new Map(branches.map((branch) => [branch.branch, branch]))
  // A child that fanned out itself has not ended before its own children have.
  const keys = new Set([...ended.keys(), ...generations.map(({ branch }) => branch)])
  const childrenOf = Map.groupBy(
    [...keys].filter((key) => key !== ''),
    parentOf,
  )
  const fanOutsOf = Map.groupBy(generations, ({ branch }) => branch)
  const grow = (key: string, depth: number): BranchNode => {
    const branch = ended.get(key)
    const children = (depth < MAX_DEPTH ? (childrenOf.get(key) ?? []) : []).map((child) =>
      grow(child, depth + 1),
    )
    const fanOuts = (fanOutsOf.get(key) ?? []).map(({ generation, count, done }): FanOut => {
      const own = children.filter((child) => generationOf(child.key) === `${count}.${generation}`)
      const isChosen = branch?.generation === undefined || branch.generation === generation
      return {
        ...{ generation, count, done, isChosen },
        children: own.sort((one, other) => one.index - other.index),
      }
    })
    return toNode(key, branch, fanOuts)
  }
  return grow('', 0)
}

const MAX_DEPTH = 100

function toNode(key: string, branch: Branch | undefined, fanOuts: readonly FanOut[]): BranchNode {
  return { key, index: indexOf(key), status: branch?.status ?? 'open', size: branch?.size, fanOuts }
}

function lastEntry(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')))
}

function indexOf(key: string): number {
  return Number(lastEntry(key).split('.', 1)[0])
}

/** `count.generation` of the fan-out that made it. */
function generationOf(key: string): string {
  return lastEntry(key).split('.').slice(1).join('.')
}
