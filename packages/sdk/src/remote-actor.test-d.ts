import { describe, expectTypeOf, test } from 'vitest'
import {
  defineActor,
  definePipeline,
  remoteActor,
  type Pipeline,
  type RemoteActor,
} from './index.ts'

interface Page {
  url: string
}
interface Text {
  text: string
}
interface Label {
  label: 'letter' | 'bill'
}

const read = defineActor((page: Page): Text => ({ text: page.url }))
const classify = remoteActor<Text, Label>({ name: 'classify', queue: 'team-b.classify' })
const file = defineActor((_: Label) => {})

describe('remoteActor', () => {
  test('It takes and gives what its types say; a list fans out, null may end, void does.', () => {
    expectTypeOf(classify).toEqualTypeOf<RemoteActor<Text, Label>>()
    const options = { name: 'split' }
    expectTypeOf(remoteActor<Text, Label[]>(options)).toEqualTypeOf<RemoteActor<Text, Label>>()
    expectTypeOf(remoteActor<Text, Label | null>(options)).toEqualTypeOf<RemoteActor<Text, Label>>()
    expectTypeOf(remoteActor<Text, void>(options)).toEqualTypeOf<RemoteActor<Text, never>>()
  })

  test('A pipeline checks its edges as those of any other actor.', () => {
    expectTypeOf(definePipeline([read, classify, file])).toEqualTypeOf<Pipeline<Page, never>>()
    expectTypeOf(definePipeline([read, classify])).toEqualTypeOf<Pipeline<Page, Label>>()
    // @ts-expect-error refuses what it does not take
    definePipeline([classify, classify])
    // @ts-expect-error refuses what does not take its output
    definePipeline([read, classify, read])
  })

  test('Types that are missing, or do not survive JSON, are refused.', () => {
    // @ts-expect-error refuses no types
    remoteActor({ name: 'classify' })
    // @ts-expect-error refuses one type
    remoteActor<Text>({ name: 'classify' })
    // @ts-expect-error refuses a Date
    remoteActor<{ at: Date }, Label>({ name: 'classify' })
    // @ts-expect-error refuses any
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    remoteActor<Text, any>({ name: 'classify' })
    // @ts-expect-error refuses no name
    remoteActor<Text, Label>({ queue: 'team-b.classify' })
    // @ts-expect-error refuses options of actors that run here
    remoteActor<Text, Label>({ name: 'classify', concurrency: 2 })
  })
})

describe('standIn', () => {
  test('Its handler is given what the actor takes, and must give what the actor gives.', () => {
    classify.standIn((text, ctx) => {
      expectTypeOf(text).toEqualTypeOf<Text>()
      expectTypeOf(ctx.attempt).toEqualTypeOf<number>()
      return { label: 'bill' }
    })
    classify.standIn(async () => [{ label: 'bill' }, { label: 'letter' }])
    classify.standIn(() => null)
    // @ts-expect-error refuses another output
    classify.standIn(() => ({ label: 'parcel' }))
  })
})
