import { describe, expect, test } from 'vitest'
import { isActor } from './actor.ts'
import type { Context } from './context.ts'
import { resolveHandler } from './invoke/resolve-handler.ts'
import { definePipeline } from './pipeline.ts'
import { isPythonActor, pythonActor } from './python-actor.ts'

interface Text {
  text: string
}
interface Label {
  label: string
}

describe('An actor in Python', () => {
  test('is an actor, known by its handler, and can stand in a pipeline.', () => {
    const classify = pythonActor<Text, Label[]>('topics.model:Model.classify', { timeout: '1m' })
    const name = pythonActor<Label, null>('names:name')
    expect([isActor(classify), isPythonActor(classify)]).toEqual([true, true])
    expect(classify.python).toBe('topics.model:Model.classify')
    expect(classify.options).toEqual({ timeout: '1m' })
    expect(definePipeline([classify, name]).actors).toEqual([classify, name])
  })

  test('is not run here: whoever calls it is told where it is served.', () => {
    const classify = pythonActor<Text, Label>('topics:classify')
    expect(() => classify.process({ text: '' }, undefined as never as Context)).toThrow(
      'topics:classify is written in Python: it is served by a Python runtime',
    )
    expect(resolveHandler({ classify }, 'classify')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('an actor in Python'),
    })
  })

  test.each(['topics', 'topics.classify', 'topics/model.py:classify', 'a:b c', ''])(
    'is refused with the handler %j.',
    (handler) => {
      expect(() => pythonActor<Text, Label>(handler)).toThrow(
        "pythonActor takes the name of a handler, such as 'triage.classify:classify'",
      )
    },
  )

  test('needs its types, and types that survive JSON.', () => {
    // @ts-expect-error In: it has no type
    pythonActor('topics:classify')
    // @ts-expect-error a Date does not survive JSON
    pythonActor<Date, Label>('topics:classify')
  })
})
