import { Project, ts } from 'ts-morph'
import { describe, expect, test } from 'vitest'
import { CheckerTypeReader } from './checker-type-reader.ts'
import { combineSchemas, SchemaBuilder } from './schema-builder.ts'

/** Files of a project, by their names, in the order in which the compiler is to see them. */
type Files = readonly (readonly [name: string, text: string])[]

function openProject(files: Files) {
  const project = new Project({
    useInMemoryFileSystem: true,
    compilerOptions: { strict: true, target: ts.ScriptTarget.ES2023, lib: ['lib.es5.d.ts'] },
  })
  for (const [name, text] of files) project.createSourceFile(`/project/${name}`, text)
  const program = project.getProgram().compilerObject
  const checker = program.getTypeChecker()
  const types = new CheckerTypeReader(program, '/project')
  const find = (file: string, name: string) => {
    const declaration = project
      .getSourceFileOrThrow(`/project/${file}`)
      .getStatements()
      .find((each) => each.getSymbol()?.getName() === name)
    if (declaration === undefined) throw new TypeError(`no ${name} in ${file}`)
    return declaration.compilerNode
  }
  const describeType = (builder: SchemaBuilder, file: string, name: string) => {
    const node = find(file, name)
    return builder.describe(checker.getTypeAtLocation(node), node, { suggestedName: name })
  }
  return {
    types,
    describeType,
  }
}

/** What all of the types make, in the order of the list. */
function buildAll(files: Files, wanted: readonly (readonly [file: string, name: string])[]) {
  const { types, describeType } = openProject(files)
  const builder = new SchemaBuilder(types)
  const results = wanted.map(([file, name]) => describeType(builder, file, name))
  const { schemas } = combineSchemas(builder.named)
  return { schemas, payloads: results.map((each) => (each.ok ? each.payload : undefined)) }
}

const TWO_PAGES: Files = [
  [
    'actors/read.ts',
    'export interface Page { url: string }\nexport interface Read { page: Page; kinds: "b" | "a" }',
  ],
  [
    'actors/write.ts',
    'export interface Page { text: string }\nexport type Write = { page: Page } | Page',
  ],
  ['other.ts', 'export type Kind = "z" | "a" | "b"\nexport interface Other { kind?: Kind | null }'],
]

const WANTED = [
  ['actors/read.ts', 'Read'],
  ['actors/write.ts', 'Write'],
  ['other.ts', 'Other'],
] as const

describe('names', () => {
  test('Types that hold each other are the same, wherever the walk through them began.', () => {
    const { types, describeType } = openProject([
      [
        'a.ts',
        `export interface Leaf { kind: 'leaf'; /** @minLength 1 */ id: Id; inner?: Node }
export interface Branch { kind: 'branch'; node: Node }
export type Node = Branch | Leaf
export type Id = string | { name: Id }`,
      ],
    ])
    const named = ['Leaf', 'Branch', 'Node', 'Id'].flatMap((name) => {
      const builder = new SchemaBuilder(types)
      expect(describeType(builder, 'a.ts', name)).toMatchObject({ ok: true, problems: [] })
      return builder.named
    })
    const { schemas } = combineSchemas(named)
    expect(Object.keys(schemas)).toEqual(['Branch', 'Id', 'IdWithName', 'Leaf', 'Node'])
    expect(schemas['Node']).toMatchObject({ discriminator: 'kind', oneOf: [{}, {}] })
  })

  test('What a library leaves without a name is the same for all who use it.', () => {
    const { types, describeType } = openProject([
      ['node_modules/library/index.d.ts', 'export interface Reply { meta: { at: number } }'],
      ['a.ts', "import type { Reply } from 'library'\nexport interface A { reply: Reply }"],
      ['b.ts', "import type { Reply } from 'library'\nexport interface B { reply: Reply }"],
    ])
    const named = ['A', 'B'].flatMap((name) => {
      const builder = new SchemaBuilder(types)
      describeType(builder, `${name.toLowerCase()}.ts`, name)
      return builder.named
    })
    expect(Object.keys(combineSchemas(named).schemas)).toEqual(['A', 'B', 'Reply', 'ReplyMeta'])
  })

  test('Two types of one name are both called after their files.', () => {
    const { schemas } = buildAll(TWO_PAGES, WANTED)
    expect(Object.keys(schemas)).toEqual([
      ...[
        'Kind',
        'Other',
        'Page_read',
        'Page_write',
        'Read',
        'ReadKinds',
        'Write',
        'WriteWithPage',
      ],
    ])
    expect(schemas['Read']?.properties?.['page']).toEqual({
      $ref: '#/components/schemas/Page_read',
    })
    expect(schemas['WriteWithPage']?.properties?.['page']).toEqual({
      $ref: '#/components/schemas/Page_write',
    })
  })

  test('A type that is explained where it is used is still called after its file.', () => {
    const files: Files = [
      [
        'a.ts',
        'export interface Page { url: string }\nexport interface A {\n  /** Its page. */\n  page: Page\n}',
      ],
      [
        'b.ts',
        'export interface Page { text: string }\nexport interface B {\n  /** Its page. */\n  page: Page\n}',
      ],
    ]
    const { schemas } = buildAll(files, [
      ['a.ts', 'A'],
      ['b.ts', 'B'],
    ])
    const refersTo = (name: string) => schemas[name]?.properties?.['page']?.$ref
    expect(refersTo('A')).not.toBe(refersTo('B'))
    for (const name of ['A', 'B']) {
      expect(Object.keys(schemas).map((each) => `#/components/schemas/${each}`)).toContain(
        refersTo(name),
      )
    }
  })

  test('A default is held against what its type refers to, however deep.', () => {
    const text = `export interface Outer {
      /** @default {} */ inner?: Inner
    }
    interface Inner {
      /**
       * Which.
       *
       * @default "b"
       */
      kind?: 'a' | 'b'
    }`
    const { types, describeType } = openProject([['a.ts', text]])
    expect(describeType(new SchemaBuilder(types), 'a.ts', 'Outer')).toMatchObject({
      ok: true,
      problems: [],
    })
  })

  test('An example that its own format refuses is told, as the documents would refuse it.', () => {
    const text = `export interface Page {
  /**
   * @format uri
   * @example no address
   */
  url: string
  /**
   * @format date
   * @default 2024-02-30
   */
  day?: string
}`
    const { types, describeType } = openProject([['a.ts', text]])
    expect(describeType(new SchemaBuilder(types), 'a.ts', 'Page')).toMatchObject({
      ok: false,
      problems: [
        { code: 'doc-tag', position: { line: 4 }, path: '$.url' },
        { code: 'doc-tag', position: { line: 9 }, path: '$.day' },
      ],
    })
  })

  test('Files of one name are told apart by their folders.', () => {
    const { schemas } = buildAll(
      [
        ['a/page.ts', 'export interface Page { a: string }'],
        ['b/page.ts', 'export interface Page { b: string }'],
      ],
      [
        ['a/page.ts', 'Page'],
        ['b/page.ts', 'Page'],
      ],
    )
    expect(Object.keys(schemas)).toEqual(['Page_b_page', 'Page_page'])
  })

  test('The same types make the same bytes, whatever the order of files and questions.', () => {
    const first = JSON.stringify(buildAll(TWO_PAGES, WANTED).schemas)
    const reversed = [...TWO_PAGES].reverse()
    expect(JSON.stringify(buildAll(reversed, WANTED).schemas)).toBe(first)
    expect(JSON.stringify(buildAll(reversed, [...WANTED].reverse()).schemas)).toBe(first)
  })

  test('A name of letters that others cannot take is written with those they can.', () => {
    const { schemas } = buildAll(
      [['a.ts', 'export interface Größe$ { wert: number }']],
      [['a.ts', 'Größe$']],
    )
    expect(Object.keys(schemas)).toEqual(['Gr_e'])
  })

  test('Schemas are listed in the order of their names.', () => {
    const names = Object.keys(buildAll(TWO_PAGES, WANTED).schemas)
    expect(names).toEqual([...names].sort())
  })
})

describe('descriptions', () => {
  test('A payload says how its author would write it, and where it is declared.', () => {
    const { payloads } = buildAll(
      [['a.ts', '\nexport interface Page { url: string }\nexport type List = Page[]']],
      [['a.ts', 'Page']],
    )
    expect(payloads).toEqual([
      {
        schema: { $ref: '#/components/schemas/Page' },
        typeText: 'Page',
        declared: { file: 'a.ts', line: 2, column: 18 },
      },
    ])
  })

  test('A type that was refused once is refused again, with every type that holds it.', () => {
    const { types, describeType } = openProject([
      ['a.ts', 'export interface A { b: B }\nexport interface B { a?: A; at: Date }'],
    ])
    const builder = new SchemaBuilder(types)
    for (const name of ['A', 'B', 'A']) {
      const result = describeType(builder, 'a.ts', name)
      expect(result).toMatchObject({
        ok: false,
        problems: [{ code: 'type-not-json', position: { file: 'a.ts', line: 2, column: 29 } }],
      })
    }
    expect(combineSchemas(builder.named).schemas).toEqual({})
  })

  test('A refusal takes nothing of what was described before.', () => {
    const { types, describeType } = openProject([
      [
        'a.ts',
        'export interface Good { n: number }\nexport interface Bad { good: Good; at: Date }',
      ],
    ])
    const builder = new SchemaBuilder(types)
    expect(describeType(builder, 'a.ts', 'Good').ok).toBe(true)
    expect(describeType(builder, 'a.ts', 'Bad').ok).toBe(false)
    expect(Object.keys(combineSchemas(builder.named).schemas)).toEqual(['Good'])
  })

  test('A problem ends where the culprit ends.', () => {
    const { types, describeType } = openProject([
      ['a.ts', 'export interface Page {\n  at: Date\n}'],
    ])
    expect(describeType(new SchemaBuilder(types), 'a.ts', 'Page')).toMatchObject({
      problems: [{ position: { line: 2, column: 3 }, end: { line: 2, column: 11 }, path: '$.at' }],
    })
  })

  test('An example in several lines of code is a warning, and no example.', () => {
    const { types, describeType } = openProject([
      [
        'a.ts',
        '/**\n * @example\n * ```ts\n * read(page)\n * ```\n */\nexport interface Page { url: string }',
      ],
    ])
    const builder = new SchemaBuilder(types)
    expect(describeType(builder, 'a.ts', 'Page')).toMatchObject({
      ok: true,
      problems: [{ code: 'doc-tag', severity: 'warning' }],
    })
    expect(combineSchemas(builder.named).schemas['Page']).not.toHaveProperty('examples')
  })

  test('What stands in a library is not the author’s to mend: its odd tags are left out.', () => {
    const { types, describeType } = openProject([
      [
        'node_modules/library/index.d.ts',
        'export interface Reply { /** The text.\n @minLength 1 */ count: number }',
      ],
      ['a.ts', "import type { Reply } from 'library'\nexport interface Page { reply: Reply }"],
    ])
    const builder = new SchemaBuilder(types)
    expect(describeType(builder, 'a.ts', 'Page')).toMatchObject({ ok: true, problems: [] })
    expect(combineSchemas(builder.named).schemas['Reply']?.properties).toEqual({
      count: { description: 'The text.', type: 'number' },
    })
  })

  test('A culprit in a library is told where the author wrote the type.', () => {
    const { types, describeType } = openProject([
      ['node_modules/library/index.d.ts', 'export interface Reply { at: Date }'],
      ['a.ts', "import type { Reply } from 'library'\nexport interface Page { reply: Reply }"],
    ])
    expect(describeType(new SchemaBuilder(types), 'a.ts', 'Page')).toMatchObject({
      problems: [{ path: '$.reply.at', position: { file: 'a.ts', line: 2, column: 25 } }],
    })
  })
})
