import { findActorOptionProblems, findRemoteActorOptionProblems } from '@asya/protocol'
import type { ActorModel, SettingOrigin } from '../model/model.ts'
import {
  listLeaves,
  mergeOptions,
  toActorSettings,
  toSettingPath,
  type Members,
} from './actor-settings.ts'
import type { Definition, Reading } from './definition.ts'
import { readDocComment } from './doc-comment.ts'
import { evaluateExpression, isRecord, type StaticValue } from './evaluate-expression.ts'
import type { Named } from './name-definitions.ts'
import type { ReadPayloads } from './kept-answers.ts'
import { readOptions, type ReadOptions } from './read-options.ts'
import type { Defaults } from './read-project-settings.ts'
import { positionOf, spanOf } from './source-position.ts'

/** The options of an actor: the last argument, since a remote actor has no handler. */
export function readActorOptions({ kind, call }: Definition, reading: Reading): ReadOptions {
  const [first, second] = call.arguments
  const { projectDir, checker, problems } = reading
  const check = kind === 'remote' ? findRemoteActorOptionProblems : findActorOptionProblems
  return readOptions(kind === 'remote' ? first : second, { projectDir, checker, problems, check })
}

export interface ActorTools {
  readonly reading: Reading
  readonly defaults: Defaults
}

/** An actor whose name is known. */
export interface ReadableActor {
  readonly named: Named
  readonly read: ReadPayloads
  readonly options: ReadOptions
}

/** Undefined when its types cannot be told. */
export function readActor(
  { named, read, options }: ReadableActor,
  { reading, defaults }: ActorTools,
): ActorModel | undefined {
  const { definition, name, exported } = named
  const { kind, holder } = definition
  const { payloads, cardinality } = read
  if (!payloads) return undefined
  const doc = readDocComment(holder)
  const description = textOf(options.value, 'description') ?? doc.description
  const isRemote = kind === 'remote'
  const declared = positionOf(holder, reading.projectDir)
  const merged = mergeOptions(defaults.options, isRecord(options.value) ? options.value : {})
  if (!isRemote) checkMerged(merged, definition, { reading, defaults })
  return {
    name,
    kind: isRemote ? 'remote' : kind === 'python' ? 'python' : 'node',
    queue: (isRemote ? textOf(options.value, 'queue') : undefined) ?? name,
    ...(description !== undefined && { description }),
    ...(doc.deprecated !== undefined && { deprecated: doc.deprecated }),
    declared,
    ...(kind === 'python' && { python: readPythonName(definition, reading) }),
    exportName: exported.exportName,
    ...(exported.source !== declared.file && { exportFile: exported.source }),
    ...payloads,
    cardinality,
    settings: isRemote ? {} : toActorSettings(merged),
    ...(!isRemote && { origins: listOrigins(options, defaults, reading) }),
  }
}

/** The name of a handler in Python, which must be known without running anything. */
function readPythonName({ call }: Definition, { checker, problems, projectDir }: Reading): string {
  const [handler] = call.arguments
  const value = handler && evaluateExpression(handler, checker).value
  if (typeof value === 'string') return value
  problems.push({
    code: 'python-handler-unknown',
    severity: 'error',
    message: 'the handler of a pythonActor is not a text that the build can read',
    fix: "write it as pythonActor<Page, Text>('module:function')",
    ...spanOf(handler ?? call.expression, projectDir),
  })
  return ''
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
