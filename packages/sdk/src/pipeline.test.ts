import { describe, expect, test } from 'vitest'
import { defineActor, definePipeline } from './index.ts'

const shout = defineActor((text: string) => text.toUpperCase())
const measure = defineActor((text: string) => text.length)

/** As a project that is not type-checked calls it. */
const definePipelineUnchecked: (actors: unknown, options?: unknown) => unknown =
  definePipeline as never

describe('definePipeline', () => {
  test('A pipeline keeps its actors in order, and its options.', () => {
    const pipeline = definePipeline([shout, shout, measure], { name: 'loud', timeout: '1h' })
    expect(pipeline.actors).toEqual([shout, shout, measure])
    expect(pipeline.options).toEqual({ name: 'loud', timeout: '1h' })
  })

  test('Later changes to the list do not reach the pipeline.', () => {
    const actors: [typeof shout, typeof measure] = [shout, measure]
    const pipeline = definePipeline(actors)
    actors.reverse()
    expect(pipeline.actors).toEqual([shout, measure])
  })

  test('An empty pipeline is refused.', () => {
    expect(() => definePipelineUnchecked([])).toThrow('takes a list of at least one actor')
    expect(() => definePipelineUnchecked(shout)).toThrow('takes a list of at least one actor')
  })

  test('Every step that is no actor is named, with what it is instead.', () => {
    const handler = (text: string): string => text
    const steps = [shout, handler, undefined, definePipeline([shout]), 'measure']
    expect(() => definePipelineUnchecked(steps)).toThrow(
      [
        'step 2 is a function that defineActor was not called with, not an actor',
        'step 3 is undefined (do two modules import each other?), not an actor',
        'step 4 is a pipeline, not an actor',
        'step 5 is a string, not an actor',
      ].join('\n'),
    )
  })

  test('Options that are not allowed are refused.', () => {
    expect(() => definePipeline([shout], { name: 'Triage' })).toThrow("option name is 'Triage'")
    expect(() => definePipelineUnchecked([shout], { retry: {} })).toThrow(
      'there is no option retry',
    )
  })
})
