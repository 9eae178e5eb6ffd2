import * as fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { defineActor, definePipeline, RetryableError } from '../index.ts'
import { testPipeline } from './index.ts'

interface Page {
  text: string
}

const split = defineActor((page: Page) => page.text.split(' '), { name: 'split' })
const count = defineActor((word: string) => ({ word, letters: word.length }), { name: 'count' })

describe('testPipeline', () => {
  test('The example of its documentation works.', async () => {
    const split = defineActor((page: { text: string }) => page.text.split(' '), { name: 'split' })
    const count = defineActor((word: string) => ({ word, letters: word.length }), { name: 'count' })

    const run = await testPipeline(definePipeline([split, count]), { text: 'so long' })
    expect(run.results).toEqual([
      { word: 'so', letters: 2 },
      { word: 'long', letters: 4 },
    ])
    expect(run.trace.map(({ step }) => step)).toEqual(['split', 'count', 'count'])
  })

  test('A run that goes well has results of the last actor’s type, and no errors.', async () => {
    const run = await testPipeline(definePipeline([split, count]), { text: 'so long' })
    expectTypeOf(run.results).toEqualTypeOf<readonly ({ word: string; letters: number } | null)[]>()
    expect(run).toMatchObject({ status: 'succeeded', errors: [], elapsedMs: 0 })
    expect(run.trace[0]).toMatchObject({ branch: [], attempt: 1, outcome: 'routed', outputs: 2 })
    expect(run.trace.slice(1).map(({ branch }) => branch)).toEqual([[0], [1]])
    expect(new Set(run.trace.map(({ id }) => id)).size).toBe(3)
  })

  test('A branch that ended early has null as its result, in its place.', async () => {
    const skip = defineActor((word: string) => (word === 'skip' ? null : word))
    const run = await testPipeline(definePipeline([split, skip, count]), { text: 'a skip b' })
    expect(run.results).toEqual([{ word: 'a', letters: 1 }, null, { word: 'b', letters: 1 }])
    expect(run.trace.map(({ outcome }) => outcome)).toContain('ended')
  })

  test('A failed branch is retried, then told; the others go on.', async () => {
    const pick = defineActor(
      (word: string) => {
        if (word === 'bad') throw new RetryableError('busy')
        return word
      },
      { name: 'pick', retry: { maxAttempts: 3, initialDelay: '10s' } },
    )
    const run = await testPipeline(definePipeline([split, pick]), { text: 'a bad b' })
    expect(run.status).toBe('failed')
    expect(run.results).toEqual(['a', 'b'])
    expect(run.errors).toMatchObject([
      {
        type: 'processing_error',
        message: 'busy',
        step: 'pick',
        attempts: 3,
        exception: 'RetryableError',
      },
    ])
    const tries = run.trace.filter(({ branch }) => branch[0] === 1)
    expect(tries.map(({ outcome, attempt, atMs }) => [outcome, attempt, atMs])).toEqual([
      ['retried', 1, 0],
      ['retried', 2, 10_000],
      ['failed', 3, 40_000],
    ])
    expect(tries[2]?.failure).toMatchObject({ message: 'busy' })
    expect(run.elapsedMs).toBe(40_000)
  })

  test('What does not survive JSON fails at the step that returned it.', async () => {
    const broken = defineActor((_: Page) => new Map() as unknown as Page)
    const run = await testPipeline(definePipeline([broken, split]), { text: '' })
    expect(run.errors).toMatchObject([{ step: 'step-1', exception: 'UnserializableResult' }])
    expect(run.trace).toHaveLength(1)
  })

  test('Steps are called by name, by function, or by place.', async () => {
    const pipeline = definePipeline([
      defineActor(function readPage(page: Page) {
        return page
      }),
      defineActor((page: Page) => page),
      split,
    ])
    const steps = async (names?: string[]): Promise<string[]> => {
      const run = await testPipeline(pipeline, { text: '' }, names ? { steps: names } : {})
      return run.trace.map(({ step }) => step)
    }
    expect(await steps()).toEqual(['read-page', 'step-2', 'split'])
    expect(await steps(['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
    await expect(steps(['a'])).rejects.toThrow('steps has 1 names for 3 actors')
  })

  test('An actor may come twice; two actors with one name may not.', async () => {
    const grow = defineActor((page: Page) => ({ text: `${page.text}!` }), { name: 'grow' })
    const twice = await testPipeline(definePipeline([grow, grow]), { text: 'a' })
    expect(twice.results).toEqual([{ text: 'a!!' }])
    const other = defineActor((page: Page) => page, { name: 'grow' })
    await expect(testPipeline(definePipeline([grow, other]), { text: 'a' })).rejects.toThrow(
      'steps 1 and 2 are both named grow',
    )
  })

  test('A handler may send messages to other actors.', async () => {
    const route = defineActor(
      (page: Page, ctx) => {
        if (page.text.length > 5) ctx.route.replaceAhead(['shorten', ...ctx.route.ahead])
        return page
      },
      { name: 'route' },
    )
    const shorten = defineActor((page: Page) => ({ text: page.text.slice(0, 5) }))
    const pipeline = definePipeline([route, split])
    const otherActors = { shorten }
    const run = await testPipeline(pipeline, { text: 'a lot of text' }, { otherActors })
    expect(run.trace.map(({ step }) => step)).toEqual(['route', 'shorten', 'split'])
    expect(run.results).toEqual(['a', 'lot'])
  })

  test('A step that nobody serves is unroutable.', async () => {
    const lose = defineActor((page: Page, ctx) => {
      ctx.route.replaceAhead(['nowhere'])
      return page
    })
    const run = await testPipeline(definePipeline([lose, split]), { text: '' })
    expect(run).toMatchObject({
      status: 'failed',
      errors: [{ type: 'unroutable', step: 'nowhere' }],
    })
  })

  test('A route that never ends is stopped.', async () => {
    const loop = defineActor(
      (page: Page, ctx) => {
        ctx.route.replaceAhead(['loop'])
        return page
      },
      { name: 'loop' },
    )
    await expect(testPipeline(definePipeline([loop]), { text: '' })).rejects.toThrow(
      'the messages never end: does a route lead back to loop each time?',
    )
  })

  test('What handlers tell is kept with their step.', async () => {
    const tell = defineActor(
      (word: string, ctx) => {
        ctx.log.info({ word }, 'seen')
        return word
      },
      { name: 'tell' },
    )
    const run = await testPipeline(definePipeline([split, tell]), { text: 'a b' })
    expect(run.logs).toMatchObject([
      { step: 'tell', message: 'seen', fields: { word: 'a' } },
      { step: 'tell', message: 'seen', fields: { word: 'b' } },
    ])
  })

  test('Two runs of the same pipeline are the same.', async () => {
    const pipeline = definePipeline([split, count])
    expect(await testPipeline(pipeline, { text: 'a b' })).toEqual(
      await testPipeline(pipeline, { text: 'a b' }),
    )
  })
})

/** A tree of fan-outs: a list opens into its items, a number is a leaf, an empty list an early end. */
type Tree = number | Tree[]

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    fc.integer(),
    fc.array(tie('tree'), { maxLength: 5 }),
  ),
}))

function leavesOf(node: Tree): (number | null)[] {
  if (!Array.isArray(node)) return [node]
  return node.length === 0 ? [null] : node.flatMap(leavesOf)
}

test('Whatever fans out, and however often it is retried, the results come in order.', async () => {
  await fc.assert(
    fc.asyncProperty(tree, fc.array(fc.nat(4_000), { maxLength: 10 }), async (root, waitsMs) => {
      let calls = 0
      const open = defineActor(({ node }: { node: Tree }, ctx) => {
        const retryAfterMs = waitsMs[calls++ % 13]
        if (ctx.attempt === 1 && retryAfterMs !== undefined)
          throw new RetryableError('not yet', { retryAfterMs })
        return Array.isArray(node) ? node.map((item) => ({ node: item })) : { node }
      })
      const run = await testPipeline(
        definePipeline([open, open, open, open, open]),
        { node: root },
        { steps: ['open', 'open', 'open', 'open', 'open'] },
      )
      expect(run.errors).toEqual([])
      expect(run.results.map((result) => result?.node ?? null)).toEqual(leavesOf(root))
    }),
    { numRuns: 200 },
  )
})
