import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { branchKey, ROOT, type Branch } from './branch.ts'
import { JobCompletion, type BranchEnd } from './completion.ts'
import { bytesToText, stringifyToBytes } from './json-bytes.ts'
import type { FinalReport } from './progress.ts'

/** What happened to a message: it ended, or it fanned out, once for each answer of its handler. */
interface Tree {
  readonly hasEnd: boolean
  readonly generations: readonly (readonly Tree[])[]
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant({ hasEnd: true, generations: [] }),
    fc.record({
      // A redelivered message may end although an earlier delivery of it fanned out.
      hasEnd: fc.boolean(),
      generations: fc.array(fc.array(tie('tree'), { minLength: 1, maxLength: 4 }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  ),
}))

/** The branches of all messages that ended. */
function listEnds(node: Tree, branch: Branch): readonly Branch[] {
  const below = node.generations.flatMap((children, generation) =>
    children.flatMap((child, index) =>
      listEnds(child, [...branch, { index, count: children.length, generation: `g${generation}` }]),
    ),
  )
  return node.hasEnd ? [branch, ...below] : below
}

/** When each branch's end came first. */
function timesOf(finals: readonly FinalReport[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const [time, final] of finals.entries()) {
    const key = branchKey(final.branch)
    if (!times.has(key)) times.set(key, time)
  }
  return times
}

interface Done {
  readonly time: number
  readonly branches: readonly Branch[]
}

/**
 * The naive model: a branch is done at the earliest of its own end and of the moments at which a
 * generation had all of its children done.
 */
function judge(node: Tree, branch: Branch, times: ReadonlyMap<string, number>): Done {
  const own = { time: times.get(branchKey(branch)) ?? Infinity, branches: [branch] }
  const others = node.generations.map((children, generation): Done => {
    const done = children.map((child, index) => {
      const entry = { index, count: children.length, generation: `g${generation}` }
      return judge(child, [...branch, entry], times)
    })
    const time = Math.max(...done.map((each) => each.time))
    return { time, branches: done.flatMap((each) => each.branches) }
  })
  return [own, ...others].reduce((first, other) => (other.time < first.time ? other : first))
}

/** A final whose result says which branch it is of. */
function finalOf(branch: Branch, isFailed = false): FinalReport {
  const told = stringifyToBytes(branchKey(branch))
  return isFailed
    ? { status: 'failed', jobId: 'j', branch, error: told }
    : { status: 'succeeded', jobId: 'j', branch, result: told }
}

const textOf = (end: BranchEnd): string =>
  bytesToText(end.status === 'succeeded' ? end.result : end.error)

const told = (branches: readonly Branch[]): readonly string[] =>
  branches.map((branch) => JSON.stringify(branchKey(branch)))

/** A tree, and its finals in some order, some of them twice, some of them lost. */
const job = tree.chain((given) => {
  const ends = listEnds(given, ROOT)
  const finals = fc
    .shuffledSubarray([...ends, ...ends], { minLength: 0 })
    .chain((branches) =>
      fc.tuple(
        ...branches.map((branch) => fc.boolean().map((isFailed) => finalOf(branch, isFailed))),
      ),
    )
  return fc.tuple(fc.constant(given), finals)
})

describe('A job', () => {
  it('completes exactly once, when and with the results that a naive model says', () => {
    let completed = 0
    fc.assert(
      fc.property(job, ([given, finals]) => {
        const completion = new JobCompletion()
        const answers = finals.map((final) => completion.record(final))
        const { time, branches } = judge(given, ROOT, timesOf(finals))
        expect(answers.indexOf(true)).toBe(time === Infinity ? -1 : time)
        expect(answers.filter(Boolean)).toHaveLength(time === Infinity ? 0 : 1)
        expect(completion.isComplete).toBe(time !== Infinity)
        expect(completion.collect().map(textOf)).toEqual(time === Infinity ? [] : told(branches))
        if (time !== Infinity) completed++
      }),
      { numRuns: 3_000 },
    )
    // The property says little if hardly any job completes.
    expect(completed).toBeGreaterThan(500)
  })

  it('completes with every end of its only generation, in order, in whatever order they come', () => {
    const branches = listEnds(fullTree([3, 2, 4]), ROOT)
    fc.assert(
      fc.property(fc.shuffledSubarray([...branches], { minLength: 24, maxLength: 24 }), (order) => {
        const completion = new JobCompletion()
        const answers = order.map((branch) => completion.record(finalOf(branch)))
        expect(answers.lastIndexOf(true)).toBe(23)
        expect(answers.indexOf(true)).toBe(23)
        expect(completion.collect().map(textOf)).toEqual(told(branches))
      }),
    )
  })
})

function fullTree(counts: readonly number[]): Tree {
  const [count, ...rest] = counts
  if (count === undefined) return { hasEnd: true, generations: [] }
  return { hasEnd: false, generations: [Array.from({ length: count }, () => fullTree(rest))] }
}

const child = (index: number, count: number, generation = 'g'): Branch => [
  { index, count, generation },
]

describe('C1: a final counts once', () => {
  it('however often it comes', () => {
    const completion = new JobCompletion()
    for (let times = 0; times < 5; times++)
      expect(completion.record(finalOf(child(0, 2)))).toBe(false)
    expect(completion.record(finalOf(child(1, 2)))).toBe(true)
    expect(completion.record(finalOf(child(1, 2)))).toBe(false)
  })

  it('and the first says how the branch ended', () => {
    const completion = new JobCompletion()
    completion.record(finalOf(ROOT, true))
    completion.record(finalOf(ROOT))
    expect(completion.collect().map((end) => end.status)).toEqual(['failed'])
  })
})

describe('C2: the first whole generation wins', () => {
  it('and later ones change nothing', () => {
    const completion = new JobCompletion()
    completion.record(finalOf(child(0, 2, 'lost')))
    completion.record(finalOf(child(0, 1, 'won')))
    expect(completion.isComplete).toBe(true)
    completion.record(finalOf(child(1, 2, 'lost')))
    expect(completion.collect().map(textOf)).toEqual(told([child(0, 1, 'won')]))
  })

  it('and no generation is whole by the children of another', () => {
    const completion = new JobCompletion()
    expect(completion.record(finalOf(child(0, 2, 'a')))).toBe(false)
    expect(completion.record(finalOf(child(1, 2, 'b')))).toBe(false)
  })

  it('and entries that contradict each other in their count make no whole', () => {
    const completion = new JobCompletion()
    expect(completion.record(finalOf(child(5, 10)))).toBe(false)
    expect(completion.record(finalOf(child(0, 2)))).toBe(false)
    expect(completion.isComplete).toBe(false)
    expect(completion.record(finalOf(child(1, 2)))).toBe(true)
    expect(completion.collect()).toHaveLength(2)
  })
})

describe('C3: the job is complete when its root is done', () => {
  it('by its own end, without a fan-out', () => {
    const completion = new JobCompletion()
    expect(completion.collect()).toEqual([])
    expect(completion.record(finalOf(ROOT))).toBe(true)
    expect(completion.collect().map(textOf)).toEqual(['""'])
  })

  it('also when it ends after it has fanned out, and the children come too late', () => {
    const completion = new JobCompletion()
    completion.record(finalOf(child(0, 2)))
    expect(completion.record(finalOf(ROOT))).toBe(true)
    expect(completion.record(finalOf(child(1, 2)))).toBe(false)
    expect(completion.collect().map(textOf)).toEqual(['""'])
  })

  it('with failed branches among the others', () => {
    const completion = new JobCompletion()
    completion.record(finalOf(child(1, 2), true))
    completion.record(finalOf(child(0, 2)))
    expect(completion.collect().map((end) => end.status)).toEqual(['succeeded', 'failed'])
  })
})

describe('A hostile final', () => {
  it('takes no memory for the children that it claims to have', () => {
    const completion = new JobCompletion()
    const before = process.memoryUsage()
    for (let index = 0; index < 1_000; index++)
      completion.record(finalOf(child(index, 100_000_000)))
    const after = process.memoryUsage()
    const tookBytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
    expect(tookBytes).toBeLessThan(20_000_000)
    expect(completion.isComplete).toBe(false)
  })

  it('of the deepest branch is taken as any other', () => {
    const deepest = Array.from({ length: 100 }, () => ({ index: 0, count: 1, generation: 'g' }))
    const completion = new JobCompletion()
    expect(completion.record(finalOf(deepest))).toBe(true)
    expect(completion.collect().map(textOf)).toEqual(told([deepest]))
  })

  it('after the end is forgotten at once', () => {
    const completion = new JobCompletion()
    completion.record(finalOf(ROOT))
    for (let index = 0; index < 1_000; index++)
      expect(completion.record(finalOf(child(index, 10_000)))).toBe(false)
    expect(completion.collect()).toHaveLength(1)
  })
})

describe('The largest fan-out', () => {
  it('of ten thousand completes in time that is in proportion', () => {
    const completion = new JobCompletion()
    const startedAt = performance.now()
    for (let index = 9_999; index >= 0; index--) completion.record(finalOf(child(index, 10_000)))
    expect(completion.collect()).toHaveLength(10_000)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
