import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'

/** What an author's editor says: the compiler itself, on small mistakes. */

const PRELUDE = `
  import { defineActor, definePipeline, remoteActor, type Actor } from './index.ts'
  interface Page { url: string; title?: string }
  interface Text { text: string; words: number }
  declare const text: Text
  const read = defineActor((page: Page): Text => ({ text: page.url, words: 1 }))
  const split = defineActor((text: Text) => text.text.split(' '), { name: 'split-text' })
  const keep = defineActor((_: Page) => {})
`

/** A mistake, and the sentence that the error must hold. */
const MISTAKES: readonly (readonly [code: string, sentence: string])[] = [
  // In and Out
  [
    'defineActor((_: { created_at: Date }) => text)',
    'In: at .created_at a Date does not survive JSON; use an ISO string',
  ],
  ['defineActor((_: Date) => text)', 'In: a Date does not survive JSON; use an ISO string'],
  [
    'defineActor((_: Page) => ({ items: [{ at: new Date() }] }))',
    'Out: at .items[].at a Date does not survive JSON; use an ISO string',
  ],
  [
    'defineActor((_: { by_name: Record<string, Date> }) => text)',
    'In: at .by_name.* a Date does not survive JSON; use an ISO string',
  ],
  [
    'defineActor(async (_: Page, ctx) => ({ ids: new Map([[ctx.id, 1]]) }))',
    'Out: at .ids a Map does not survive JSON; use an object',
  ],
  [
    'defineActor((_: { tags: Set<string> }) => text)',
    'In: at .tags a Set does not survive JSON; use an array',
  ],
  [
    'defineActor((_: Page) => ({ size: 1n }))',
    'Out: at .size a bigint does not survive JSON; use a string',
  ],
  [
    'defineActor((_: { run(): void }) => text)',
    'In: at .run a function does not survive JSON; leave it out',
  ],
  [
    'class Money { amount = 1; format() { return "" } }; defineActor((_: { price: Money }) => text)',
    'In: at .price.format a function does not survive JSON; leave it out',
  ],
  [
    'defineActor((_: { key: symbol }) => text)',
    'In: at .key a symbol does not survive JSON; use a string',
  ],
  [
    'defineActor((_: Page) => ({ body: Buffer.from("") }))',
    'Out: at .body bytes do not survive JSON; use a base64 string',
  ],
  [
    'defineActor((_: { pattern: RegExp }) => text)',
    'In: at .pattern a RegExp does not survive JSON; use its source',
  ],
  [
    'defineActor((_: Page) => [Promise.resolve(text)])',
    'Out: a Promise does not survive JSON; await it',
  ],
  [
    'defineActor((_: { items: Iterable<string> }) => text)',
    'In: at .items an iterator does not survive JSON; use an array',
  ],
  [
    'defineActor((_: { link: URL }) => text)',
    'In: at .link an object with toJSON does not survive JSON; use what it turns into',
  ],
  [
    'defineActor((_: { list: (string | undefined)[] }) => text)',
    'In: at .list[] undefined does not survive JSON; use null',
  ],
  [
    'defineActor((_: { nothing: void }) => text)',
    'In: at .nothing void does not survive JSON; use null',
  ],
  [
    'interface Loop { self: Loop; other: { at: Date } }; defineActor((_: Loop) => text)',
    'In: at .other.at a Date does not survive JSON; use an ISO string',
  ],
  ['defineActor((_: any) => text)', 'In: any hides what travels; write its type, or Json'],
  [
    'defineActor((page: Page) => JSON.parse(page.url))',
    'Out: any hides what travels; write its type, or Json',
  ],
  [
    'defineActor((_: Page) => ({ body: JSON.parse("") }))',
    'Out: at .body any hides what travels; write its type, or Json',
  ],
  [
    'defineActor((_: Page): unknown => text)',
    'Out: unknown hides what travels; write its type, or Json',
  ],
  [
    'defineActor((_: { extra: Record<string, unknown> }) => text)',
    'In: at .extra.* unknown hides what travels; write its type, or Json',
  ],
  [
    'defineActor((_: { extra: object }) => text)',
    'In: at .extra object hides what travels; write its type',
  ],
  ['defineActor((_: never) => text)', 'In: never is no payload; write its type'],
  ['defineActor((page?: Page) => text)', 'In: a payload is never undefined; use null'],
  [
    'defineActor(async (page, ctx) => text)',
    'In: the payload has no type; write it: (payload: Page) => …',
  ],
  ['defineActor(() => text)', 'In: the payload has no type; write it: (payload: Page) => …'],
  [
    'defineActor((_: Page) => [text, null])',
    'Out: null among the items of a fan-out; leave it out',
  ],
  ["remoteActor({ name: 'classify' })", 'In: it has no type; write remoteActor<Page, Text>({ … })'],
  [
    "remoteActor<Page>({ name: 'classify' })",
    'Out: it has no type; write remoteActor<Page, Text>({ … })',
  ],
  [
    "remoteActor<Page, { at: Date }[]>({ name: 'classify' })",
    'Out: at .at a Date does not survive JSON; use an ISO string',
  ],
  // Edges
  ['definePipeline([read, keep])', 'step 1 → step 2: .url is missing'],
  [
    'definePipeline([split, split])',
    'step 1 (split-text) → step 2 (split-text): the payload is a string, not an object',
  ],
  [
    'definePipeline([read, split, keep])',
    'step 2 (split-text) → step 3: the payload is a string, not an object',
  ],
  [
    'definePipeline([read, defineActor((_: { words: string }) => 1)])',
    'step 1 → step 2: .words is a number, not a string',
  ],
  [
    'definePipeline([defineActor((_: Page) => _), defineActor((_: Required<Page>) => 1)])',
    'step 1 → step 2: .title may be missing',
  ],
  [
    'definePipeline([defineActor((_: Page) => ({ at: _.title ?? null })), defineActor((_: { at: string }) => 1)])',
    'step 1 → step 2: .at may be null',
  ],
  [
    "definePipeline([defineActor((_: Page) => ({ kind: _.url as 'a' | 'b' })), defineActor((_: { kind: 'a' }) => 1)])",
    "step 1 → step 2: .kind may be 'b'",
  ],
  [
    "definePipeline([defineActor((_: Page) => ({ kind: 'a' as const })), defineActor((_: { kind: 'a'; n: 1 } | { kind: 'b' }) => 1)])",
    'step 1 → step 2: .n is missing',
  ],
  [
    'definePipeline([defineActor((_: Page) => ({ items: [{ n: 1 }] })), defineActor((_: { items: { n: string }[] }) => 1)])',
    'step 1 → step 2: .items[].n is a number, not a string',
  ],
  [
    'definePipeline([read, defineActor((_: Record<string, string | number>) => 1)])',
    'step 1 → step 2: the payload is an interface, which has no index signature; make it a type',
  ],
  [
    'definePipeline([keep, read])',
    'step 1 → step 2: step 1 returns nothing, so step 2 is never reached',
  ],
  [
    'definePipeline([read, keep as unknown as Actor<any, Page>])',
    'step 1 → step 2: step 2 takes any; write its type, or Json',
  ],
  [
    'definePipeline([keep as unknown as Actor<Page, any>, read])',
    'step 1 → step 2: step 1 gives any; write its type, or Json',
  ],
  [
    'definePipeline([keep as unknown as Actor<Page, unknown>, read])',
    'step 1 → step 2: step 1 gives unknown; write its type, or Json',
  ],
  [
    "definePipeline([read, remoteActor<{ words: string }, Page>({ name: 'classify' })])",
    'step 1 → step 2: .words is a number, not a string',
  ],
  ['definePipeline([])', 'a pipeline needs at least one actor'],
  [
    'definePipeline([read, (text: Text) => text])',
    'step 2 is not an actor; make one with defineActor',
  ],
  [
    'definePipeline([read].concat(read))',
    'the actors must be written out as a list, so that their order can be checked',
  ],
]

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const ROOT_FILE = `${FOLDER}mistakes.virtual.ts`

/** One compilation for all: each mistake stands in a block of its own, one block to a line. */
function compile(source: string): ReadonlyMap<number, string[]> {
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    customConditions: ['source'],
    types: ['node'],
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => path === ROOT_FILE || fileExists(path)
  host.getSourceFile = (path, language, onError) =>
    path === ROOT_FILE
      ? ts.createSourceFile(path, source, language)
      : getSourceFile(path, language, onError)
  const program = ts.createProgram([ROOT_FILE], options, host)
  const texts = new Map<number, string[]>()
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : -1
    const text = ts.flattenDiagnosticMessageText(messageText, '\n')
    texts.set(line, [
      ...(texts.get(line) ?? []),
      file?.fileName === ROOT_FILE ? text : `${file?.fileName ?? ''}: ${text}`,
    ])
  }
  return texts
}

describe('the compiler’s own words', () => {
  const prelude = `${PRELUDE.trim().replaceAll('\n', ';')}\n`
  let errors: ReadonlyMap<number, string[]>
  beforeAll(() => {
    errors = compile(prelude + MISTAKES.map(([code]) => `{ ${code} }`).join('\n'))
  }, 60_000)

  test('What is right compiles.', () => {
    expect(errors.get(0)).toBeUndefined()
    expect(errors.get(-1)).toBeUndefined()
  })

  test.each(MISTAKES.map(([code, sentence], index) => ({ code, sentence, line: index + 1 })))(
    '$code is told: $sentence',
    ({ sentence, line }) => {
      const found = errors.get(line) ?? []
      expect(found.join('\n')).toContain(`"${sentence}"`)
      // One mistake, one error, on one line.
      expect(found).toHaveLength(1)
      expect(found[0]?.split('\n')).toHaveLength(1)
    },
  )
})
