import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import fc from 'fast-check'
import { Project, ts } from 'ts-morph'
import { describe, expect, test } from 'vitest'
import { readSchemaName, type Json, type JsonSchema, type JsonTypeName } from '../../model/model.ts'
import { CheckerTypeReader } from './checker-type-reader.ts'
import { combineSchemas, SchemaBuilder } from './schema-builder.ts'

/**
 * The type gallery: every exported type below `gallery/` is a case, and the JSON file beside it says
 * what becomes of it. `npx vitest run packages/compiler/src/read/types -u` writes the JSON files anew.
 */

const projectDir = join(import.meta.dirname, '../../..')
const galleryDir = join(projectDir, 'gallery')
const project = new Project({ tsConfigFilePath: join(galleryDir, 'tsconfig.json') })
const program = project.getProgram().compilerObject
const checker = program.getTypeChecker()
const types = new CheckerTypeReader(program, projectDir)

interface Case {
  readonly name: string
  readonly law: string
  readonly declaration: ts.TypeAliasDeclaration | ts.InterfaceDeclaration
}

function listCases(file: ts.SourceFile): readonly Case[] {
  return file.statements
    .filter((each) => ts.isTypeAliasDeclaration(each) || ts.isInterfaceDeclaration(each))
    .filter((each) => each.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .map((declaration) => {
      const above = file.text.slice(declaration.getFullStart(), declaration.getStart())
      const lines =
        above
          .split('\n\n')
          .at(-1)
          ?.match(/^\/\/ (?!prettier-|@ts-).*$/gm) ?? []
      const law = lines.map((line) => line.slice(3)).join(' ')
      return { name: declaration.name.text, law, declaration }
    })
}

function describeCase({ name, declaration }: Case) {
  const builder = new SchemaBuilder(types)
  const type = checker.getTypeAtLocation(declaration)
  const result = builder.describe(type, declaration.name, { suggestedName: name })
  return { result, schemas: combineSchemas(builder.named).schemas }
}

/** What a person wants to see in the golden file. */
function renderCase(each: Case): object {
  const { result, schemas } = describeCase(each)
  const problems = result.problems.map(({ message, fix, path, position }) => ({
    message,
    ...(fix === undefined ? {} : { fix }),
    path,
    at: `${position?.line}:${position?.column}`,
  }))
  if (!result.ok) return { law: each.law, refused: problems }
  const warnings = problems.length === 0 ? {} : { warnings: problems }
  return { law: each.law, schema: result.payload.schema, schemas, ...warnings }
}

/** On one line what fits on one. */
function formatJson(value: unknown, indent: string): string {
  const line = JSON.stringify(value, undefined, 1).replace(/\n\s*/g, ' ')
  if (typeof value !== 'object' || value === null || line.length + indent.length < 90) return line
  const deeper = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((each) => formatJson(each, deeper))
    : Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${formatJson(v, deeper)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${open}\n${deeper}${parts.join(`,\n${deeper}`)}\n${indent}${close}`
}

const groups = readdirSync(galleryDir)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({
    group: file.replace(/\.ts$/, ''),
    cases: listCases(program.getSourceFile(join(galleryDir, file))!),
  }))

const cases = groups.flatMap((group) => group.cases.map((each) => ({ ...each, ...group })))

describe.each(groups)('$group', ({ group, cases: own }) => {
  test('Every case becomes what the golden file says.', async () => {
    const golden = Object.fromEntries(own.map((each) => [each.name, renderCase(each)]))
    const text = `${formatJson(golden, '')}\n`
    await expect(text).toMatchFileSnapshot(join(galleryDir, `${group}.json`))
  })

  test.each(own)('$law ($name)', (each) => {
    const { result, schemas } = describeCase(each)
    if (!result.ok) {
      for (const problem of result.problems) {
        expect(problem).toMatchObject({ severity: 'error', path: expect.stringMatching(/^\$/) })
        expect(problem.position?.file).toBe(`gallery/${group}.ts`)
        expect(problem.end?.line).toBeGreaterThanOrEqual(problem.position!.line)
        expect(problem.fix).toBeTypeOf('string')
      }
      return
    }
    for (const [name, schema] of Object.entries(schemas)) {
      expect(name).toMatch(/^[A-Za-z0-9._-]+$/)
      expect(schema).toMatchObject({ $id: name, title: name })
    }
    // Draft-07 by the strict reading of ajv, with every reference resolved.
    expect(() => compileSchema(result.payload.schema, schemas)).not.toThrow()
  })
})

test('The gallery shows at least 120 cases, each with a law.', () => {
  expect(cases.length).toBeGreaterThanOrEqual(120)
  expect(cases.filter(({ law }) => law === '').map(({ name }) => name)).toEqual([])
})

/** `$id` would move the base of references; what AsyncAPI adds to draft-07 is no keyword of ajv's. */
function compileSchema(
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
): ValidateFunction {
  const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false, strictTuples: false })
  ajv.addFormat('email', true).addFormat('uuid', true)
  ajv.addVocabulary(['discriminator', 'components'])
  const withoutIds = Object.entries(schemas).map(([name, { $id: _, ...rest }]) => [name, rest])
  return ajv.compile({ ...schema, components: { schemas: Object.fromEntries(withoutIds) } })
}

/**
 * Types that take less than their schema, or more: what differs exists for the compiler alone, or
 * cannot be said in draft-07.
 */
const APART: Readonly<Record<string, string>> = {
  UndefinedMember: 'JSON leaves out a member that is undefined; the type wants it to be there',
  AlwaysUndefined: 'JSON leaves out a member that is undefined; the type wants it to be there',
  RestInTheMiddle: 'draft-07 says nothing of what stands after a rest',
  RestAtTheStart: 'draft-07 says nothing of what stands after a rest',
  Empty: 'texts and numbers are no records, but the compiler takes them for {}',
  TextEnum: 'a text is no member of an enum for the compiler',
  MixedEnum: 'a text is no member of an enum for the compiler',
  EnumOrNull: 'a text is no member of an enum for the compiler',
  ByEnum: 'a text is no member of an enum for the compiler',
  UserId: 'a brand',
  Metres: 'a brand',
  Uuid: 'a brand',
  intersections_Order: 'a brand',
  BrandedEnum: 'a brand',
  BrandedList: 'a brand',
  Key: 'a brand',
  docs_Branded: 'a brand',
  zod_Order: 'a brand',
  zod_Branded: 'a brand',
  Batch: 'a brand',
  Code: 'the pattern knows the case of ASCII letters alone, so that any language can read it',
  ByNumber: 'the compiler takes a list for a record of numbers',
  Proto: 'ajv looks at no member that is called __proto__',
  WithSymbol: 'JSON leaves out what a symbol names',
}

type Verdict = 'taken' | 'refused'

interface Trial {
  /** From the schema; else it was changed. */
  readonly isMade: boolean
  readonly name: string
  readonly isApart: boolean
  /** Comments narrow what types cannot. */
  readonly isNarrowed: boolean
  readonly value: Json
  readonly bySchema: Verdict
}

/** Values that fit, and the same with one thing changed. */
function listTrials(each: (typeof cases)[number]): readonly Trial[] {
  const { result, schemas } = describeCase(each)
  if (!result.ok) return []
  const validate = compileSchema(result.payload.schema, schemas)
  const fitting = arbitraryOf(result.payload.schema, { schemas, depth: 0 }).filter(
    (value) => !/e[+-]?\d{3}/i.test(JSON.stringify(value)),
  )
  const trial = (value: Json, isMade: boolean): Trial => ({
    isMade,
    name: `${each.group}.${each.name}`,
    isApart: each.name in APART || `${each.group}_${each.name}` in APART,
    isNarrowed: each.group === 'docs' || each.group === 'utilities',
    value,
    bySchema: validate(value) ? 'taken' : 'refused',
  })
  const sample = fc.sample(fc.tuple(fitting, fc.nat(), fc.nat()), { seed: SEED, numRuns: RUNS })
  return [
    ...sample.map(([value]) => trial(value, true)),
    ...sample.map(([value, place, change]) => trial(changeAt(value, place, change), false)),
    trial([], false),
    trial('ä', false),
  ]
}

/** Change it to try others: the law holds for any. */
const SEED = 20
const RUNS = 12

describe('schemas and types', () => {
  const trials = cases.flatMap((each) => listTrials(each))
  const byType = judgeByCompiler(trials)

  test('A value that was made from a schema is taken by its type.', () => {
    const made = trials.filter((trial) => trial.isMade && !trial.isApart)
    expect(made.length).toBeGreaterThan(1000)
    expect(made.filter((trial) => trial.bySchema === 'refused')).toEqual([])
    expect(made.filter((trial) => byType.get(trial) === 'refused')).toEqual([])
  })

  test('A value that a type refuses is refused by its schema, and the other way round.', () => {
    const changed = trials.filter((trial) => !trial.isMade && !trial.isApart)
    const refused = changed.filter((trial) => byType.get(trial) === 'refused')
    expect(refused.length).toBeGreaterThan(500)
    expect(refused.filter((trial) => trial.bySchema === 'taken')).toEqual([])
    const taken = changed.filter((trial) => byType.get(trial) === 'taken' && !trial.isNarrowed)
    expect(taken.length).toBeGreaterThan(100)
    expect(taken.filter((trial) => trial.bySchema === 'refused')).toEqual([])
  })

  test('Every type that is set apart does differ from its schema.', () => {
    const differing = trials.filter(
      (trial) => trial.isApart && byType.get(trial) !== trial.bySchema,
    )
    const names = new Set(differing.map(({ name }) => name.split('.')[1]))
    expect(Object.keys(APART).filter((name) => !names.has(name.split('_').at(-1)))).toEqual([])
  })
})

/** One program with a line for each value. */
function judgeByCompiler(trials: readonly Trial[]): ReadonlyMap<Trial, Verdict> {
  const imports = groups.map(({ group }) => {
    const namespace = toNamespace(group)
    return `import type * as ${namespace} from './${group}.ts'`
  })
  const lines = trials.map(({ name, value }, index) => {
    const [group = '', type = ''] = name.split('.')
    return `export const value${index}: ${toNamespace(group)}.${type} = ${JSON.stringify(value)}`
  })
  const text = [...imports, ...lines].join('\n')
  const file = project.createSourceFile(join(galleryDir, 'values.ts'), text).compilerNode
  const diagnostics = project.getProgram().compilerObject.getSemanticDiagnostics(file)
  const refused = new Set(
    diagnostics.map(({ start = 0 }) => file.getLineAndCharacterOfPosition(start).line),
  )
  return new Map(
    trials.map((trial, index) => [
      trial,
      refused.has(index + imports.length) ? 'refused' : 'taken',
    ]),
  )
}

function toNamespace(group: string): string {
  return group.replace(/\W/g, '_')
}

interface Making {
  readonly schemas: Readonly<Record<string, JsonSchema>>
  readonly depth: number
}

const DEEP = 3

function arbitraryOf(schema: JsonSchema, making: Making): fc.Arbitrary<Json> {
  const deeper = { ...making, depth: making.depth + 1 }
  if (schema.$ref !== undefined) return arbitraryOf(resolve(schema, making), deeper)
  if (schema.allOf !== undefined) return arbitraryOf(schema.allOf[0]!, deeper)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) {
    const heights = alternatives.map((each) => heightOf(each, making, new Set()))
    const lowest = alternatives[heights.indexOf(Math.min(...heights))]!
    if (making.depth > DEEP) return arbitraryOf(lowest, deeper)
    return fc.oneof(...alternatives.map((each) => arbitraryOf(each, deeper)))
  }
  const types = [schema.type ?? 'object'].flat()
  return fc.oneof(...types.map((type) => arbitraryOfType(type, schema, deeper)))
}

function resolve({ $ref = '' }: JsonSchema, { schemas }: Making): JsonSchema {
  return schemas[readSchemaName($ref)]!
}

/** How many levels a value has at least; endless types are as high as can be. */
function heightOf(schema: JsonSchema, making: Making, above: ReadonlySet<string>): number {
  if (schema.$ref !== undefined) {
    if (above.has(schema.$ref)) return Infinity
    return heightOf(resolve(schema, making), making, new Set([...above, schema.$ref]))
  }
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives) return Math.min(...alternatives.map((each) => heightOf(each, making, above)))
  const required = (schema.required ?? []).map((name) => schema.properties![name]!)
  return 1 + Math.max(0, ...required.map((each) => heightOf(each, making, above)))
}

function arbitraryOfType(
  type: JsonTypeName,
  schema: JsonSchema,
  making: Making,
): fc.Arbitrary<Json> {
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: 0, max: 100 })
    case 'number':
      return arbitraryOfNumber(schema)
    case 'string':
      return arbitraryOfString(schema)
    case 'array':
      return arbitraryOfList(schema, making)
    case 'object':
      return arbitraryOfRecord(schema, making)
  }
}

function arbitraryOfNumber({ minimum, maximum, exclusiveMinimum, multipleOf }: JsonSchema) {
  if (multipleOf !== undefined) return fc.integer({ min: 0, max: 50 }).map((n) => n * multipleOf)
  const min = minimum ?? (exclusiveMinimum === undefined ? -1e6 : 0.25)
  return fc.oneof(
    fc.double({ min, max: maximum ?? 999, noNaN: true }),
    fc.constantFrom(...[min, maximum ?? 1, 1].filter((n) => n >= min && n <= (maximum ?? n))),
  )
}

function arbitraryOfString({ pattern, format, minLength = 0, maxLength = 9 }: JsonSchema) {
  if (format !== undefined) return fc.constant('7d444840-9dc0-11d1-b245-5ffdce74fad2')
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'))
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 9)) })
}

function arbitraryOfList(schema: JsonSchema, making: Making): fc.Arbitrary<Json> {
  const { items = {}, minItems = 0, maxItems = minItems + 3, additionalItems, uniqueItems } = schema
  if (!Array.isArray(items)) {
    const maxLength = making.depth > DEEP ? minItems : Math.min(maxItems, minItems + 3)
    const constraints = { minLength: minItems, maxLength }
    if (maxLength === 0) return fc.constant([])
    const item = arbitraryOf(items as JsonSchema, making)
    return uniqueItems === true
      ? fc.uniqueArray(item, { ...constraints, selector: (each) => JSON.stringify(each) })
      : fc.array(item, constraints)
  }
  const fixed = (items as readonly JsonSchema[]).map((each) => arbitraryOf(each, making))
  const rest =
    typeof additionalItems === 'object'
      ? fc.array(arbitraryOf(additionalItems, making), { maxLength: 2 })
      : fc.constant([])
  const length = fc.integer({ min: minItems, max: Math.max(minItems, fixed.length) })
  return fc
    .tuple(fc.tuple(...fixed), rest, length)
    .map(([first, after, count]) =>
      after.length > 0 ? [...first, ...after] : first.slice(0, Math.max(count, minItems)),
    )
}

function arbitraryOfRecord(schema: JsonSchema, making: Making): fc.Arbitrary<Json> {
  const { properties = {}, required = [], additionalProperties, patternProperties = {} } = schema
  const isDeep = making.depth > DEEP
  const members = Object.entries(properties)
    .filter(([name]) => !isDeep || required.includes(name))
    .map(([name, member]) => {
      const value = arbitraryOf(member, making).map((each) => [[name, each]])
      return required.includes(name) ? value : fc.oneof(value, fc.constant([]))
    })
  const others = Object.entries(patternProperties).map(([pattern, member]) => {
    const name = fc
      .stringMatching(new RegExp(pattern, 'u'))
      .filter((each) => !/^[\d+-]/.test(each) || String(Number(each)) === each)
    return fc.array(fc.tuple(name, arbitraryOf(member, making)), { maxLength: isDeep ? 0 : 2 })
  })
  if (typeof additionalProperties === 'object' && !isDeep) {
    const value = arbitraryOf(additionalProperties, making)
    others.push(fc.array(fc.tuple(fc.constantFrom('x', 'y z', '3'), value), { maxLength: 2 }))
  }
  return fc
    .tuple(...others, ...members)
    .map((entries) => Object.fromEntries(entries.flat() as [string, Json][]))
}

const OTHERS: readonly Json[] = [null, 'something else', -12345.5, true, [], {}, [null], 'ä']

/** The value with one thing in it left out, or put in place of another. */
function changeAt(value: Json, place: number, change: number): Json {
  const places = countPlaces(value)
  let at = place % places
  const walk = (each: Json): Json | undefined => {
    if (at-- === 0) {
      const pick = change % (OTHERS.length + 1)
      return pick === OTHERS.length ? undefined : OTHERS[pick]
    }
    if (Array.isArray(each)) return each.map((item: Json) => walk(item)).filter(isJson)
    if (typeof each !== 'object' || each === null) return each
    const entries = Object.entries(each).map(([name, member]) => [name, walk(member)] as const)
    return Object.fromEntries(entries.filter(([, member]) => isJson(member))) as Json
  }
  return walk(value) ?? null
}

function isJson(value: Json | undefined): value is Json {
  return value !== undefined
}

function countPlaces(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, each: Json) => sum + countPlaces(each), 1)
}
