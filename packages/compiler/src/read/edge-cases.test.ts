import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createProject } from '../testing/temporary-project.ts'
import { listDiagnostics } from './collect-diagnostics.ts'
import { TypeScriptProject } from './typescript-project.ts'

/** What a step gives, what the next one takes, and why it does not fit; undefined: it fits. */
type Case = readonly [gives: string, takes: string, why?: string | RegExp]

const PRELUDE = `
import { defineActor, definePipeline, type Actor, type Json } from '@asya/sdk'
import * as z from 'zod'
interface Page { url: string; title?: string }
interface Text { text: string; words: number }
interface Tree { value: number; children: Tree[] }
interface Leaf { value: string; children: Leaf[] }
interface Nested<T> { value: T; inner?: Nested<T> }
declare const brand: unique symbol
type UserId = string & { readonly [brand]: 'UserId' }
type Metres = number & { readonly __unit: 'm' }
enum Colour { Red, Green }
enum Mood { Good = 'good', Bad = 'bad' }
type Shape = { kind: 'circle'; radius: number } | { kind: 'square'; side: number }
type MoreShapes = Shape | { kind: 'line'; length: number }
type OwnJson = string | number | boolean | null | OwnJson[] | { [name: string]: OwnJson }
type Point = { x: number; y: number }
interface PointInterface { x: number; y: number }
const order = z.object({ id: z.uuid(), tags: z.array(z.string()), note: z.string().nullable() })
type Order = z.infer<typeof order>
interface OrderLike { id: string; tags: string[]; note: string | null }
`

const ACCEPTED: readonly Case[] = [
  ['Page', 'Page'],
  ['string', 'string'],
  ["'a' | 'b'", 'string'],
  ["'a'", "'a' | 'b'"],
  ['Text', '{ text: string }'],
  ['Text', '{ words?: number | string }'],
  ['Text', 'Text | Page'],
  ['Text', 'Json'],
  ['PointInterface', 'Json'],
  ['PointInterface', 'OwnJson'],
  ['Page[]', 'Page'],
  ['readonly Page[]', 'Page'],
  ['Page[][]', 'Page[]'],
  ['[Page, Page]', 'Page'],
  ['AsyncIterable<Page>', 'Page'],
  ['AsyncGenerator<Page, void, undefined>', 'Page'],
  ['Generator<Page>', 'Page'],
  ['Promise<Page[]>', 'Page'],
  ['Promise<Page | null>', 'Page'],
  ['Page | null', 'Page'],
  ['Page | undefined', 'Page'],
  ['Page[] | null', 'Page'],
  ['Point', 'Record<string, number>'],
  ['Record<string, number>', 'Record<string, number | string>'],
  ['UserId', 'string'],
  ['Metres', 'number'],
  ['Colour', 'number'],
  ['Mood.Good', 'Mood'],
  ['Shape', 'MoreShapes'],
  ['Tree', 'Tree'],
  ['Tree', '{ value: number; children: { value: number }[] }'],
  ['Nested<string>', 'Nested<string>'],
  ["Pick<Text, 'text'>", '{ text: string }'],
  ['Required<Page>', 'Page'],
  ['Order', 'OrderLike'],
  ['OrderLike', 'Order'],
  ['{ list: string[] }', '{ list: readonly string[] }'],
  ['{ pair: [string, number] }', '{ pair: readonly (string | number)[] }'],
  ['{ at: string }', '{ at: string | null }'],
  ['boolean', 'boolean'],
]

const REFUSED: readonly Case[] = [
  ['Page', 'Text', '.text is missing'],
  ['string', 'Page', 'the payload is a string, not an object'],
  ['Page', 'string', 'the payload is an object, not a string'],
  ['Page[]', 'Page[]', 'the payload is an object, not an array'],
  ['Page', 'Page[]', 'the payload is an object, not an array'],
  ['Page[][]', 'Page', 'the payload is an array, not an object'],
  ['Text', '{ words: string }', '.words is a number, not a string'],
  ['Page', 'Required<Page>', '.title may be missing'],
  ['{ at: string | null }', '{ at: string }', '.at may be null'],
  ['{ at: string | null }', '{ at?: string }', '.at may be null'],
  ["'a' | 'b'", "'a'", "the payload may be 'b'"],
  ["{ kind: 'a' | 'b' }", "{ kind: 'a' }", ".kind may be 'b'"],
  ['string', "'a' | 'b'", 'the payload may be any string'],
  ['{ n: number }', '{ n: 1 | 2 }', '.n may be any number'],
  ['boolean', 'true', 'the payload may be false'],
  ['Page | Text', 'Page', '.url is missing'],
  [
    '{ items: { n: number }[] }',
    '{ items: { n: string }[] }',
    '.items[].n is a number, not a string',
  ],
  [
    '{ list: readonly string[] }',
    '{ list: string[] }',
    '.list is readonly; let the next take a readonly array',
  ],
  ['{ pair: string[] }', '{ pair: [string, string] }', '.pair may have another length'],
  [
    'PointInterface',
    'Record<string, number>',
    'the payload is an interface, which has no index signature; make it a type',
  ],
  ['Record<string, number>', 'Record<string, string>', '.* is a number, not a string'],
  ['Record<string, number>', 'Point', /^\.x (?:may be|is) missing$/],
  ['{ a: number; b: string }', 'Record<string, number>', '.b is a string, not a number'],
  ["{ kind: 'circle' }", 'Shape', '.radius is missing'],
  ['MoreShapes', 'Shape', ".kind may be 'line'"],
  ['Tree', 'Leaf', '.value is a number, not a string'],
  ['Nested<string>', 'Nested<number>', '.value is a string, not a number'],
  ['string', 'UserId', 'the payload may be any string'],
  ['Mood', 'Mood.Good', /^the payload may be /],
  ['string', 'Mood', /^the payload may be any string$/],
  ['{ a?: number }', '{ b?: number }', 'the payload has no member that the next takes'],
  ['Order', "Omit<OrderLike, 'note'> & { note: string }", '.note may be null'],
  [
    '{ deep: { er: { still: boolean } } }',
    '{ deep: { er: { still: string } } }',
    '.deep.er.still is a boolean, not a string',
  ],
  ['void', 'Page', /returns nothing, so step 2 \(.*\) is never reached/],
  ['null', 'Page', /returns nothing, so step 2 \(.*\) is never reached/],
  ['Promise<void>', 'Page', /returns nothing/],
  ['never', 'Page', /returns nothing/],
]

/** Types of actors that say nothing: what `as` makes of them. */
const OPAQUE: readonly (readonly [gives: string, takes: string, why: RegExp])[] = [
  ['Actor<Page, any>', 'Actor<Page, Page>', /^step 1 \(.*\) gives any; write its type, or Json$/],
  [
    'Actor<Page, unknown>',
    'Actor<Page, Page>',
    /^step 1 \(.*\) gives unknown; write its type, or Json$/,
  ],
  ['Actor<Page, Page>', 'Actor<any, Page>', /^step 2 \(.*\) takes any; write its type, or Json$/],
  [
    'Actor<Page, Page>',
    'Actor<unknown, Page>',
    /^step 2 \(.*\) takes unknown; write its type, or Json$/,
  ],
  [
    'Actor<Page, never>',
    'Actor<Page, Page>',
    /^step 1 \(.*\) returns nothing, so step 2 \(.*\) is never reached$/,
  ],
]

const cases = [...ACCEPTED, ...REFUSED]

/** One project for all: an actor that gives, one that takes, and a pipeline of both, to a case. */
function writeSource(): string {
  const written = cases.map(([gives, takes], index) =>
    [
      `export const give${index} = defineActor((_: Page): ${gives} => null as never)`,
      `export const take${index} = defineActor((_: ${takes}) => {})`,
      `export const edge${index} = definePipeline([give${index}, take${index}])`,
    ].join('\n'),
  )
  const opaque = OPAQUE.map(([gives, takes], index) =>
    [
      `export const first${index} = defineActor((_: Page) => _) as unknown as ${gives}`,
      `export const second${index} = defineActor((_: Page) => _) as unknown as ${takes}`,
      `export const opaque${index} = definePipeline([first${index}, second${index}])`,
    ].join('\n'),
  )
  return [PRELUDE, ...written, ...opaque].join('\n')
}

const source = writeSource()
const project = createProject({ 'actors/cases.ts': source })
const { model, problems } = project.reader.read()
afterAll(() => project.remove())

/** The lines on which the SDK's own types refuse a pipeline. */
const typed = new TypeScriptProject(project.dir)
typed.update(['actors/cases.ts'])
const file = typed.program.getSourceFile(join(project.dir, 'actors/cases.ts'))!
const refusedLines = new Map(
  listDiagnostics(typed.program, file).map(({ start, text }) => [
    source.slice(source.lastIndexOf('\n', start) + 1, source.indexOf('\n', start)),
    text,
  ]),
)

function whyOf(pipeline: string): string | undefined {
  const found = model.pipelines.find(({ exportName }) => exportName === pipeline)
  const [edge] = found?.edges ?? []
  expect(edge, `${pipeline} has no edge`).toBeDefined()
  return edge?.reason
}

function sdkRefuses(pipeline: string): boolean {
  return [...refusedLines.keys()].some((line) => line.startsWith(`export const ${pipeline} =`))
}

describe('an edge fits:', () => {
  test.each(ACCEPTED.map(([gives, takes], index) => ({ gives, takes, index })))(
    '$gives before $takes',
    ({ index }) => {
      expect(whyOf(`edge${index}`)).toBeUndefined()
      expect(sdkRefuses(`edge${index}`)).toBe(false)
    },
  )
})

describe('an edge is refused, by the build and by the SDK:', () => {
  test.each(
    REFUSED.map(([gives, takes, why], index) => ({
      gives,
      takes,
      why,
      index: index + ACCEPTED.length,
    })),
  )('$gives before $takes: $why', ({ why, index }) => {
    const found = whyOf(`edge${index}`)
    if (typeof why === 'string') expect(found).toBe(why)
    else expect(found).toMatch(why!)
    expect(sdkRefuses(`edge${index}`)).toBe(true)
  })

  test.each(OPAQUE.map(([gives, takes, why], index) => ({ gives, takes, why, index })))(
    '$gives before $takes',
    ({ why, index }) => {
      expect(whyOf(`opaque${index}`)).toMatch(why)
      expect(sdkRefuses(`opaque${index}`)).toBe(true)
    },
  )
})

test('Every refusal is told once, at the step that does not fit, with both types.', () => {
  const told = problems.filter(({ code }) => code === 'edge-does-not-fit')
  expect(told).toHaveLength(REFUSED.length + OPAQUE.length)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual(told)
  const [first] = told
  expect(first?.message).toMatch(/^step 1 \(give\d+\) → step 2 \(take\d+\): \.text is missing\n/)
  expect(first?.message).toMatch(/give\d+ gives Page\n.*take\d+ takes Text$/)
  const line = source.split('\n')[(first?.position?.line ?? 0) - 1]
  expect(line?.slice((first?.position?.column ?? 0) - 1)).toMatch(/^take\d+\]/)
})
