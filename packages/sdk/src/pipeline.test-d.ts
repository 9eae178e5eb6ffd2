import { describe, expectTypeOf, test } from 'vitest'
import {
  defineActor,
  definePipeline,
  type Actor,
  type AnyActor,
  type Json,
  type Pipeline,
} from './index.ts'

interface Page {
  url: string
  title?: string
}
interface Text {
  text: string
  words: number
}

const read = defineActor(async (page: Page): Promise<Text> => ({ text: page.url, words: 1 }))
const split = defineActor((text: Text) => text.text.split(' '), { name: 'split' })
const count = defineActor((word: string) => word.length)
const keep = defineActor((_: Page) => {})

describe('definePipeline', () => {
  test('A pipeline takes what its first actor takes, and gives what its last one gives.', () => {
    expectTypeOf(definePipeline([read])).toEqualTypeOf<Pipeline<Page, Text>>()
    expectTypeOf(definePipeline([read, split, count])).toEqualTypeOf<Pipeline<Page, number>>()
    expectTypeOf(definePipeline([keep], { name: 'keep-all' })).toEqualTypeOf<
      Pipeline<Page, never>
    >()
  })

  test('Actors may be defined in place.', () => {
    const pipeline = definePipeline([
      defineActor((page: Page, ctx) => ({ text: page.url, id: ctx.id })),
      defineActor(async (text: { text: string }, ctx) => [text.text, ctx.id]),
      count,
    ])
    expectTypeOf(pipeline).toEqualTypeOf<Pipeline<Page, number>>()
  })

  test('More members than the next one takes are fine.', () => {
    definePipeline([read, defineActor((_: { text: string }) => 1)])
    definePipeline([read, defineActor((_: { words?: number | string }) => 1)])
    definePipeline([read, defineActor((_: Text | Page) => 1)])
  })

  test('An actor that takes any JSON fits everywhere.', () => {
    definePipeline([read, defineActor((json: Json) => ({ json })), keepJson])
  })
  type OwnJson = string | number | boolean | null | OwnJson[] | { [name: string]: OwnJson }
  const keepJson = defineActor((_: OwnJson) => {})

  test('An actor that does not take what comes before it is refused.', () => {
    // @ts-expect-error refuses the wrong order
    definePipeline([split, read])
    // @ts-expect-error refuses split gives words
    definePipeline([read, split, split])
    // @ts-expect-error refuses nothing comes after a sink
    definePipeline([keep, read])
    // @ts-expect-error refuses a union wider than what the next takes
    definePipeline([defineActor((_: Page): Page | Text => _), keep])
    // @ts-expect-error refuses an optional member that the next needs
    definePipeline([defineActor((_: Page) => _), defineActor((_: Required<Page>) => 1)])
  })

  test('What is no actor is refused, and so is nothing at all.', () => {
    // @ts-expect-error refuses empty
    definePipeline([])
    // @ts-expect-error refuses a function
    definePipeline([read, (text: Text) => text])
    // @ts-expect-error refuses a pipeline
    definePipeline([read, definePipeline([split])])
    // @ts-expect-error refuses a list of which the compiler does not know the order
    definePipeline([read, read] as AnyActor[])
  })

  test('Types that say nothing are refused.', () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const vague = read as unknown as Actor<any, any>
    // @ts-expect-error refuses takes any
    definePipeline([read, vague])
    // @ts-expect-error refuses gives any
    definePipeline([vague, read])
    // @ts-expect-error refuses gives unknown
    definePipeline([read as unknown as Actor<Page, unknown>, keep])
  })
})
