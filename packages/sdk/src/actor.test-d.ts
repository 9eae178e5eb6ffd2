import { describe, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { defineActor, type Actor, type Context, type Json, type NamedActor } from './index.ts'

interface Page {
  url: string
  title?: string
}

interface Text {
  text: string
}

declare const text: Text
declare const stop: boolean

describe('how an actor is run', () => {
  test('Options are texts, numbers and references; a secret is never a value.', () => {
    defineActor((_: Page) => text, {
      workload: { type: 'Job' },
      image: 'reader:1',
      resources: { cpu: '500m', memory: '2Gi', gpu: 1, gpuResource: 'amd.com/gpu' },
      env: { MODEL: 'small', KEY: { secret: 'model', key: 'api-key' } },
      nodeSelector: { zone: 'a' },
      tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
    })
    // @ts-expect-error there is no such workload
    defineActor((_: Page) => text, { workload: { type: 'DaemonSet' } })
    // @ts-expect-error quantities are texts, as Kubernetes writes them
    defineActor((_: Page) => text, { resources: { memory: 512 } })
    // @ts-expect-error a reference names a key
    defineActor((_: Page) => text, { env: { KEY: { secret: 'model' } } })
    // @ts-expect-error a variable is a text
    defineActor((_: Page) => text, { env: { PORT: 80 } })
    // @ts-expect-error there is no such effect
    defineActor((_: Page) => text, { tolerations: [{ effect: 'Never' }] })
  })
})

describe('what a handler gives', () => {
  test('A promise gives its value, as a plain value does.', () => {
    expectTypeOf(defineActor(async (_: Page): Promise<Text> => text)).toEqualTypeOf<
      Actor<Page, Text>
    >()
    expectTypeOf(defineActor((_: Page) => text)).toEqualTypeOf<Actor<Page, Text>>()
  })

  test('The context needs no annotation.', () => {
    const actor = defineActor(async (page: Page, ctx) => {
      expectTypeOf(ctx).toEqualTypeOf<Context>()
      ctx.progress(50, 'reading')
      return [page].map((each) => ({ url: each.url, attempt: ctx.attempt }))
    })
    expectTypeOf(actor).toEqualTypeOf<Actor<Page, { url: string; attempt: number }>>()
  })

  test('An array, a tuple, a generator or an async iterable gives its items.', () => {
    expectTypeOf(defineActor((_: Page) => [text])).toEqualTypeOf<Actor<Page, Text>>()
    expectTypeOf(defineActor((_: Page): [Text, Page] => [text, text as never])).toEqualTypeOf<
      Actor<Page, Text | Page>
    >()
    expectTypeOf(
      defineActor(async function* (_: Page, ctx) {
        ctx.log.info('one')
        yield text
      }),
    ).toEqualTypeOf<Actor<Page, Text>>()
    expectTypeOf(
      defineActor(function* (_: Page) {
        yield text
      }),
    ).toEqualTypeOf<Actor<Page, Text>>()
    expectTypeOf(defineActor((_: Page): AsyncIterable<Text> => null as never)).toEqualTypeOf<
      Actor<Page, Text>
    >()
  })

  test('Only the outermost list is taken apart.', () => {
    expectTypeOf(defineActor((_: Page): Text[][] => [])).toEqualTypeOf<Actor<Page, Text[]>>()
    expectTypeOf(defineActor((_: Page) => ({ texts: [text] }))).toEqualTypeOf<
      Actor<Page, { texts: Text[] }>
    >()
  })

  test('null and undefined end the pipeline, and are no output.', () => {
    expectTypeOf(defineActor((_: Page) => (stop ? null : text))).toEqualTypeOf<Actor<Page, Text>>()
    expectTypeOf(defineActor(async (_: Page) => (stop ? undefined : [text]))).toEqualTypeOf<
      Actor<Page, Text>
    >()
  })

  test('A handler that returns nothing is a sink: its output is never.', () => {
    expectTypeOf(defineActor(async (_: Page) => {})).toEqualTypeOf<Actor<Page, never>>()
    expectTypeOf(defineActor((_: Page) => null)).toEqualTypeOf<Actor<Page, never>>()
    expectTypeOf(
      defineActor((_: Page) => {
        throw new Error('never')
      }),
    ).toEqualTypeOf<Actor<Page, never>>()
  })

  test('Explicit types work, and give the handler its parameters.', () => {
    const actor = defineActor<Page, Text[] | null>(async (page, ctx) => {
      expectTypeOf(page).toEqualTypeOf<Page>()
      ctx.progress(1)
      return null
    })
    expectTypeOf(actor).toEqualTypeOf<Actor<Page, Text>>()
  })

  test('A handler may be declared elsewhere.', () => {
    async function readPage(page: Page, ctx: Context): Promise<Text> {
      return { text: page.url + ctx.id }
    }
    expectTypeOf(defineActor(readPage)).toEqualTypeOf<Actor<Page, Text>>()
  })

  test('A name in the options is part of the type.', () => {
    expectTypeOf(defineActor((_: Page) => text, { name: 'read' })).toEqualTypeOf<
      NamedActor<Page, Text, 'read'>
    >()
    expectTypeOf(defineActor((_: Page) => text, { timeout: '2m' })).toEqualTypeOf<
      Actor<Page, Text>
    >()
  })
})

interface Tree {
  value: number
  children: Tree[]
  parent?: Tree | null
}

interface Folder {
  files: Record<string, File>
}
interface File {
  folder?: Folder
  size: number
}

interface Nested<T> {
  value: T
  inner?: Nested<Nested<T>>
}

type Shape =
  { kind: 'circle'; radius: number } | { kind: 'square'; side: number } | { kind: 'none' }

declare const brand: unique symbol
type UserId = string & { readonly [brand]: 'UserId' }
type Metres = number & { readonly __unit: 'm' }

declare enum Colour {
  Red,
  Green,
}
declare enum Mood {
  Good = 'good',
  Bad = 'bad',
}

type OwnJson = string | number | boolean | null | OwnJson[] | { [name: string]: OwnJson }

const order = z
  .object({
    id: z.uuid(),
    email: z.string().brand('Email'),
    tags: z.array(z.string()).readonly(),
    kind: z.enum(['new', 'used']),
    note: z.object({ text: z.string().nullable().optional() }).strict(),
    event: z.discriminatedUnion('type', [
      z.object({ type: z.literal('sold'), price: z.number() }),
      z.object({ type: z.literal('lost') }),
    ]),
    prices: z.record(z.string(), z.number()),
    place: z.tuple([z.number(), z.number()]),
    rest: z.json(),
  })
  .brand('Order')
type Order = z.infer<typeof order>

const Category = z.object({
  name: z.string(),
  get subcategories() {
    return z.array(Category)
  },
})

describe('what survives JSON', () => {
  test('Interfaces, optional and readonly members, records and tuples pass.', () => {
    defineActor((page: Page) => page)
    defineActor((page: Readonly<Required<Page>>) => page)
    defineActor((page: Pick<Page, 'url'> & Text) => page)
    defineActor((pages: Record<string, Page>) => pages)
    defineActor((pages: Partial<Record<'a' | 'b', Page>>) => pages)
    defineActor((list: readonly string[]) => ({ list }))
    defineActor((pair: readonly [string, number?]) => ({ pair }))
    defineActor((maybe: { a?: number | undefined; b: string | undefined; c: null }) => maybe)
    defineActor((key: `user-${number}`) => key.length)
    defineActor((flag: boolean | null) => ({ flag }))
  })

  test('Recursive types pass, also those that never repeat.', () => {
    defineActor((tree: Tree) => tree)
    defineActor((folder: Folder) => folder)
    defineActor((nested: Nested<string>) => nested)
    defineActor((json: Json) => ({ json }))
    defineActor((json: OwnJson) => ({ json }))
  })

  test('Unions, enums and brands pass.', () => {
    defineActor((shape: Shape) => shape)
    defineActor((colours: { colour: Colour; red: Colour.Red; mood: Mood }) => colours)
    defineActor((branded: { user: UserId; height: Metres }) => branded)
  })

  test('Types that zod infers pass.', () => {
    defineActor((sold: Order) => order.parse(sold))
    defineActor((category: z.infer<typeof Category>) => category)
  })

  test('What does not survive is refused.', () => {
    // @ts-expect-error refuses a Date
    defineActor((_: { created_at: Date }) => text)
    // @ts-expect-error refuses a Date, deep inside
    defineActor((_: Page) => ({ items: [{ at: new Date() }] }))
    // @ts-expect-error refuses a Map
    defineActor((_: Page) => new Map([['a', 1]]))
    // @ts-expect-error refuses a Set
    defineActor((_: { tags: ReadonlySet<string> }) => text)
    // @ts-expect-error refuses a bigint
    defineActor((_: Page) => ({ size: 1n }))
    // @ts-expect-error refuses a function
    defineActor((_: { run: () => void }) => text)
    // @ts-expect-error refuses a method
    defineActor((_: { run?(): void }) => text)
    // @ts-expect-error refuses a symbol
    defineActor((_: { key: symbol }) => text)
    // @ts-expect-error refuses bytes
    defineActor((_: { body: Uint8Array }) => text)
    // @ts-expect-error refuses a promise that nobody awaits
    defineActor((_: Page) => ({ text: Promise.resolve(text) }))
    // @ts-expect-error refuses promises among the items
    defineActor((_: Page) => [Promise.resolve(text)])
    // @ts-expect-error refuses an iterator inside
    defineActor((_: { items: Iterable<string> }) => text)
    // @ts-expect-error refuses an object that turns into something else
    defineActor((_: { url: URL }) => text)
    // @ts-expect-error refuses undefined in an array
    defineActor((_: { list: (string | undefined)[] }) => text)
    // @ts-expect-error refuses null among the items of a fan-out
    defineActor((_: Page) => [text, null])
    // @ts-expect-error refuses no payload
    defineActor((page?: Page) => page)
  })

  test('What says nothing of its shape is refused.', () => {
    // @ts-expect-error refuses any
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    defineActor((_: any) => text)
    // @ts-expect-error refuses any, inside
    defineActor((page: Page) => ({ ...page, body: JSON.parse(page.url) }))
    // @ts-expect-error refuses unknown
    defineActor((_: { extra: Record<string, unknown> }) => text)
    // @ts-expect-error refuses object
    defineActor((_: { extra: object }) => text)
    // @ts-expect-error refuses never
    defineActor((_: never) => text)
    // @ts-expect-error refuses a payload without a type
    defineActor((_) => text)
    // @ts-expect-error refuses no payload at all
    defineActor(() => text)
    // @ts-expect-error refuses a generic handler
    defineActor(<T>(payload: T) => payload)
  })

  test('Options that do not exist are refused.', () => {
    // @ts-expect-error refuses a typo
    defineActor((_: Page) => text, { timout: '2m' })
    // @ts-expect-error refuses no duration
    defineActor((_: Page) => text, { timeout: true })
  })
})
