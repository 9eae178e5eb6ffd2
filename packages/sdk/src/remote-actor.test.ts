import { describe, expect, test } from 'vitest'
import {
  defineActor,
  definePipeline,
  isActor,
  isRemoteActor,
  isStandIn,
  remoteActor,
} from './index.ts'
import { resolveHandler } from './invoke/index.ts'
import { testActor, testPipeline } from './testing/index.ts'

interface Text {
  text: string
}
interface Label {
  label: string
}

const read = defineActor((url: string): Text => ({ text: url }), { name: 'read' })
const classify = remoteActor<Text, Label>({ name: 'classify', queue: 'team-b.classify' })
const labelled = definePipeline([read, classify])

/** As a project that is not type-checked calls them. */
const remoteActorUnchecked: (options?: unknown) => unknown = remoteActor as never
const standInUnchecked: (...args: unknown[]) => unknown = classify.standIn as never

describe('remoteActor', () => {
  test('It is an actor whose queue is known; without one the queue bears its name.', () => {
    expect(isActor(classify)).toBe(true)
    expect(isRemoteActor(classify)).toBe(true)
    expect(isRemoteActor(read)).toBe(false)
    expect(classify).toMatchObject({ queue: 'team-b.classify', options: { name: 'classify' } })
    expect(remoteActor<Text, Label>({ name: 'classify' }).queue).toBe('classify')
  })

  test.each<[unknown, string]>([
    [undefined, 'the options is undefined: expected an object'],
    [{}, 'option name is missing'],
    [{ name: 'Classify' }, "option name is 'Classify': expected at most 50"],
    [{ name: 'a', queue: 'team b' }, `option queue is 'team b': expected at most 200 of letters`],
    [{ name: 'a', queue: 'error-end' }, `option queue is 'error-end': expected`],
    [{ name: 'happy-end' }, `option queue is missing, and 'happy-end' cannot be it`],
    [{ name: 'a', scaling: {} }, 'there is no option scaling'],
  ])('%j is refused: %s', (options, problem) => {
    expect(() => remoteActorUnchecked(options)).toThrow(problem)
  })

  test('A runtime does not serve it, and says where it is.', async () => {
    expect(resolveHandler({ classify, read })).toMatchObject({ ok: true, exportName: 'read' })
    expect(resolveHandler({ classify }, 'classify')).toMatchObject({
      ok: false,
      reason: expect.stringContaining("is somebody else's actor, which is served elsewhere"),
    })
    const run = await testActor(classify, { text: '' })
    expect(run.failure?.message).toContain('it is served at the queue team-b.classify, not here')
    expect(run.attempts).toHaveLength(1)
  })
})

describe('testPipeline with a remote actor', () => {
  const classifyHere = classify.standIn(({ text }) => ({ label: text.toUpperCase() }))

  test('A stand-in is called in its place, at its queue.', async () => {
    expect(isStandIn(classifyHere)).toBe(true)
    expect(isStandIn(classify)).toBe(false)
    const run = await testPipeline(labelled, 'bill', { standIns: [classifyHere] })
    expect(run.results).toEqual([{ label: 'BILL' }])
    expect(run.trace.map(({ step }) => step)).toEqual(['read', 'team-b.classify'])
  })

  test('A stand-in may fan out and fail, as the actor itself.', async () => {
    const failing = classify.standIn((text, ctx) => {
      if (ctx.attempt === 1) throw new Error(text.text)
      return [{ label: 'a' }, { label: 'b' }]
    })
    const run = await testPipeline(labelled, 'bill', { standIns: [failing] })
    expect(run.results).toEqual([{ label: 'a' }, { label: 'b' }])
    expect(run.trace.map(({ attempt }) => attempt)).toEqual([1, 1, 2])
  })

  test('Without one the test is told which step lacks it, and what to write.', async () => {
    await expect(testPipeline(labelled, 'bill')).rejects.toThrow(
      "the step team-b.classify is somebody else's actor, which a test cannot call: give a handler " +
        'in its place, as { standIns: [classify.standIn((payload) => …)] }',
    )
  })

  test('A stand-in that could not run is refused.', () => {
    expect(() => standInUnchecked({})).toThrow('standIn takes a function, not an object')
    expect(() => standInUnchecked(() => null, { timeout: 'soon' })).toThrow('option timeout')
  })
})
