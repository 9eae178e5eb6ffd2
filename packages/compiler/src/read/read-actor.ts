import { findActorOptionProblems, findRemoteActorOptionProblems } from '@asya/protocol'
import type { ts } from 'ts-morph'
import type { ActorModel, PayloadType, SettingOrigin } from '../model/model.ts'
import {
  listLeaves,
  mergeOptions,
  toActorSettings,
  toSettingPath,
  type Members,
} from './actor-settings.ts'
import type { Definition, Reading } from './definition.ts'
import { readDocComment } from './doc-comment.ts'
import { isRecord, type StaticValue } from './evaluate-expression.ts'
import type { Named } from './name-definitions.ts'
import type { HandlerTypes } from './read-handler.ts'
import { readOptions, type ReadOptions } from './read-options.ts'
import type { Defaults } from './read-project-settings.ts'
import { positionOf, spanOf } from './source-position.ts'
import type { SchemaBuilder } from './types/schema-builder.ts'

/** The options of an actor: the last argument, since a remote actor has no handler. */
export function readActorOptions({ kind, call }: Definition, reading: Reading): ReadOptions {
  const [first, second] = call.arguments
  const { projectDir, checker, problems } = reading
  const check = kind === 'remote' ? findRemoteActorOptionProblems : findActorOptionProblems
  return readOptions(kind === 'remote' ? first : second, { projectDir, checker, problems, check })
}

export interface ActorTools {
  readonly reading: Reading
  readonly schemas: SchemaBuilder
  readonly defaults: Defaults
}

/** An actor whose name is known. */
export interface ReadableActor {
  readonly named: Named
  readonly types: HandlerTypes
  readonly options: ReadOptions
}

/** Undefined when its types cannot be told, with the problems. */
export function readActor(
  { named, types, options }: ReadableActor,
  { reading, schemas, defaults }: ActorTools,
): ActorModel | undefined {
  const { definition, name, exported } = named
  const { kind, holder } = definition
  const payloads = describePayloads(types, name, { schemas, reading })
  if (!payloads) return undefined
  const doc = readDocComment(holder)
  const description = textOf(options.value, 'description') ?? doc.description
  const isRemote = kind === 'remote'
  const declared = positionOf(holder, reading.projectDir)
  const merged = mergeOptions(defaults.options, isRecord(options.value) ? options.value : {})
  if (!isRemote) checkMerged(merged, definition, { reading, defaults })
  return {
    name,
    kind: isRemote ? 'remote' : 'node',
    queue: (isRemote ? textOf(options.value, 'queue') : undefined) ?? name,
    ...(description !== undefined && { description }),
    ...(doc.deprecated !== undefined && { deprecated: doc.deprecated }),
    declared,
    exportName: exported.exportName,
    ...(exported.source !== declared.file && { exportFile: exported.source }),
    ...payloads,
    cardinality: types.cardinality,
    settings: isRemote ? {} : toActorSettings(merged),
    ...(!isRemote && { origins: listOrigins(options, defaults, reading) }),
  }
}

/** Options that are allowed on their own, but not with what the project says of every actor. */
function checkMerged(
  merged: Members,
  { call }: Definition,
  { reading, defaults }: Pick<ActorTools, 'reading' | 'defaults'>,
): void {
  const span = spanOf(call.arguments[1] ?? call.expression, reading.projectDir)
  const isTold = reading.problems.some(
    ({ position }) =>
      position?.file === span.position.file &&
      position.line >= span.position.line &&
      position.line <= span.end.line,
  )
  if (isTold || Object.keys(defaults.options).length === 0) return
  for (const { message } of findActorOptionProblems(merged))
    reading.problems.push({
      code: 'option-refused',
      severity: 'error',
      message: `with the defaults of asya.config.ts, ${message}`,
      ...span,
    })
}

/** A text among the options. */
export function textOf(options: StaticValue, name: string): string | undefined {
  const value = isRecord(options) ? options[name] : undefined
  return typeof value === 'string' ? value : undefined
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
): { readonly input: PayloadType; readonly output?: PayloadType } | undefined {
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
  if (described.ok) return described.payload
  reading.problems.push(...described.problems)
  return undefined
}

/** Who said each setting: the options, over the project and its environment. */
function listOrigins(
  { value, places }: ReadOptions,
  defaults: Defaults,
  { projectDir }: Reading,
): Readonly<Record<string, SettingOrigin>> {
  const origins = new Map(defaults.origins)
  for (const path of listLeaves(value)) {
    const place = places.get(path)
    origins.set(toSettingPath(path), {
      from: 'options',
      ...(place && { position: spanOf(place, projectDir).position }),
    })
  }
  return Object.fromEntries([...origins].sort(([one], [other]) => (one < other ? -1 : 1)))
}
