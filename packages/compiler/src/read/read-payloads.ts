import type { ts } from 'ts-morph'
import type { PayloadType } from '../model/model.ts'
import type { Definition, Reading } from './definition.ts'
import type { ReadPayloads } from './kept-answers.ts'
import { readHandler, type HandlerTypes } from './read-handler.ts'
import { spanOf } from './source-position.ts'
import { findTypeFiles } from './type-files.ts'
import { CheckerTypeReader } from './types/checker-type-reader.ts'
import { SchemaBuilder } from './types/schema-builder.ts'
import type { WrittenNames } from './types/written-names.ts'
import type { TypeScriptProject } from './typescript-project.ts'

export interface PayloadTools {
  readonly reading: Reading
  readonly project: Pick<TypeScriptProject, 'listClosure'>
  readonly writtenNames: WrittenNames
}

/**
 * What goes into an actor and what comes out of it, as schemas. They hang on the files that the actor's
 * own imports, near or far, and on nothing else.
 */
export function recallPayloads(
  definition: Definition,
  name: string,
  { reading, project, writtenNames }: PayloadTools,
): ReadPayloads {
  const file = definition.call.getSourceFile()
  const place = { file, key: `${definition.call.pos} ${name}` }
  return reading.kept.payloads.recall(place, reading, (alone) => {
    const types = readHandler(definition, alone)
    if (!types) return { payloads: undefined, isRefused: false, cardinality: 'one', named: [] }
    const { program, projectDir } = alone
    const files = project.listClosure(file.fileName)
    const schemas = new SchemaBuilder(
      new CheckerTypeReader(program, projectDir, { writtenNames, files }),
    )
    const payloads = describePayloads(types, name, { schemas, reading: alone })
    const { cardinality } = types
    return { payloads, isRefused: !payloads, cardinality, named: schemas.named }
  })
}

/** The files in which the types of an actor are declared, absolute. */
export function recallTypeFiles(definition: Definition, reading: Reading): readonly string[] {
  const { call } = definition
  const place = { file: call.getSourceFile(), key: String(call.pos) }
  return reading.kept.typeFiles.recall(place, reading, (alone) => {
    const types = readHandler(definition, alone)
    const all = types ? [types.input, ...(types.output ? [types.output] : [])] : []
    return [...findTypeFiles(all, alone.program)].map(({ fileName }) => fileName)
  })
}

/** What the SDK calls the type of a payload that nothing says anything of. */
const NOT_INFERRED = 'NotInferred'

interface DescribeTools {
  readonly schemas: SchemaBuilder
  readonly reading: Reading
}

function describePayloads(
  types: HandlerTypes,
  name: string,
  tools: DescribeTools,
): ReadPayloads['payloads'] {
  if (types.input.getSymbol()?.name === NOT_INFERRED) {
    const { problems, projectDir } = tools.reading
    problems.push({
      code: 'payload-has-no-type',
      severity: 'error',
      message: `the payload of ${name} has no type`,
      fix: 'write it: (payload: Page) => …, and in JavaScript in a comment: @param {Page} payload',
      ...spanOf(types.inputNode, projectDir),
    })
    return undefined
  }
  const stem = name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
  const input = describe(types.input, types.inputNode, { ...tools, suggestedName: `${stem}Input` })
  if (!types.output) return input && { input }
  const output = describe(types.output, types.outputNode, {
    ...tools,
    suggestedName: `${stem}Output`,
  })
  return input && output && { input, output }
}

function describe(
  type: ts.Type,
  node: ts.Node,
  { schemas, reading, suggestedName }: DescribeTools & { readonly suggestedName: string },
): PayloadType | undefined {
  const described = schemas.describe(type, node, { suggestedName })
  reading.problems.push(...described.problems)
  return described.ok ? described.payload : undefined
}
