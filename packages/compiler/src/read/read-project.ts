import { join } from 'node:path'
import type { ts } from 'ts-morph'
import type { ActorModel, JsonSchema, Model, PipelineModel } from '../model/model.ts'
import type { Problem } from '../model/problem.ts'
import { listDiagnostics } from './collect-diagnostics.ts'
import type { Definition, Reading } from './definition.ts'
import { findDefinitions } from './find-definitions.ts'
import { findRemoteSteps } from './find-remote-steps.ts'
import { SOURCE_FOLDERS } from '../source-files.ts'
import { findUnclaimed } from './find-unclaimed.ts'
import { ImportGraph } from './import-graph.ts'
import type { KeptAnswers } from './kept-answers.ts'
import { findTwins, nameDefinition, type Named } from './name-definitions.ts'
import { readActor, readActorOptions, textOf } from './read-actor.ts'
import type { ReadOptions } from './read-options.ts'
import { recallPayloads, recallTypeFiles } from './read-payloads.ts'
import { readPipeline, readPipelineOptions } from './read-pipeline.ts'
import { readProjectSettings } from './read-project-settings.ts'
import { SdkSymbols } from './sdk-symbols.ts'
import { settleProblems } from './settle-problems.ts'
import { nameSchemas, type NamedSchema } from './types/schema-names.ts'
import { titleDiscriminators } from './types/union-schema.ts'
import { WrittenNames } from './types/written-names.ts'
import type { TypeScriptProject } from './typescript-project.ts'

/** A project whose files the compiler has. */
export interface Opened {
  readonly project: TypeScriptProject
  /** In which actors and pipelines may be, seen from the project. */
  readonly files: readonly string[]
  readonly configFile: string | undefined
  readonly kept: KeptAnswers
}

/** A definition with what stands in its call. */
interface Prepared {
  readonly definition: Definition
  readonly options: ReadOptions
  readonly named: Named | undefined
}

/** Reads everything that the project says now. */
export function readProject(
  opened: Opened,
  projectDir: string,
  environment: string | undefined,
): { readonly model: Model; readonly problems: readonly Problem[] } {
  const { project, files, configFile } = opened
  const { program } = project
  const checker = program.getTypeChecker()
  const problems = [...project.problems]
  const sdk = new SdkSymbols(checker)
  const reading = { projectDir, program, checker, sdk, kept: opened.kept, problems }
  const { settings, defaults } = readProjectSettings(reading, configFile, environment)
  const found = findDefinitions(reading, files)
  const definitions = [...found, ...findRemoteSteps(found, reading)].map((each) =>
    prepare(each, reading),
  )
  const writtenNames = new WrittenNames(program)
  const all: NamedSchema[] = []
  const refused = new Set<ts.CallExpression>()
  const actors = definitions.flatMap(({ definition, named, options }): ActorModel[] => {
    if (!named || definition.kind === 'pipeline') return []
    const read = recallPayloads(definition, named.name, { reading, project, writtenNames })
    if (read.isRefused) refused.add(definition.call)
    const actor = readActor({ named, read, options }, { reading, defaults })
    if (actor) all.push(...read.named)
    return actor ? [actor] : []
  })
  const { schemas, rename } = nameSchemas(all)
  const pipelines = readPipelines(definitions, reading, opened)
  findAllTwins(definitions, reading)
  if (definitions.length === 0) problems.push(explainNothing(files))
  return {
    model: {
      project: settings,
      actors: sortByName(actors.map((actor) => renamePayloads(actor, rename))),
      pipelines: sortByName(pipelines),
      schemas: titleDiscriminators(schemas),
    },
    problems: settleProblems(problems, {
      projectDir,
      calls: definitions.map(({ definition }) => definition.call),
      refused,
      diagnostics: listFiles(definitions, reading, files).flatMap((file) =>
        opened.kept.diagnostics.recall({ file }, reading, () => listDiagnostics(program, file)),
      ),
    }),
  }
}

function prepare(definition: Definition, reading: Reading): Prepared {
  const { call, kind } = definition
  const place = { file: call.getSourceFile(), key: String(call.pos) }
  const read = kind === 'pipeline' ? readPipelineOptions : readActorOptions
  const options = reading.kept.options.recall(place, reading, (alone) => read(definition, alone))
  const given = { name: textOf(options.value, 'name'), place: options.places.get('name') }
  return { definition, options, named: nameDefinition(definition, given, reading) }
}

function renamePayloads(actor: ActorModel, rename: (schema: JsonSchema) => JsonSchema): ActorModel {
  const { input, output } = actor
  return {
    ...actor,
    input: { ...input, schema: rename(input.schema) },
    ...(output && { output: { ...output, schema: rename(output.schema) } }),
  }
}

function readPipelines(
  definitions: readonly Prepared[],
  reading: Reading,
  { project, files }: Pick<Opened, 'project' | 'files'>,
): PipelineModel[] {
  const actors = new Map(
    definitions.flatMap(({ definition, named }) =>
      named && definition.kind !== 'pipeline' ? [[definition.call, named]] : [],
    ),
  )
  const claimed = new Set(definitions.map(({ definition }) => definition.call))
  const anyJson = project.findAnyJson()
  const imports = new ImportGraph(reading)
  const tools = { reading, actors, claimed, anyJson, imports }
  const pipelines = definitions.flatMap(({ definition, named, options }) =>
    named && definition.kind === 'pipeline' ? [readPipeline(named, options, tools)] : [],
  )
  reading.problems.push(...findUnclaimed(reading, files, claimed))
  return pipelines
}

function findAllTwins(definitions: readonly Prepared[], reading: Reading): void {
  const named = definitions.flatMap(({ named: each, definition, options }) => {
    if (!each) return []
    const queue = definition.kind === 'remote' ? textOf(options.value, 'queue') : undefined
    return [{ ...each, ...(queue !== undefined && { queue }) }]
  })
  const isPipeline = ({ definition }: Named): boolean => definition.kind === 'pipeline'
  reading.problems.push(
    ...findTwins(
      named.filter((each) => !isPipeline(each)),
      'actor',
      reading.projectDir,
    ),
    ...findTwins(named.filter(isPipeline), 'pipeline', reading.projectDir),
  )
}

/** The files whose mistakes concern the build: those of actors and pipelines, and of their types. */
function listFiles(
  definitions: readonly Prepared[],
  reading: Reading,
  files: readonly string[],
): ts.SourceFile[] {
  const own = files.map((file) => join(reading.projectDir, file))
  const types = definitions.flatMap(({ definition }) =>
    definition.kind === 'pipeline' ? [] : recallTypeFiles(definition, reading),
  )
  return [...new Set([...own, ...types])].flatMap(
    (path) => reading.program.getSourceFile(path) ?? [],
  )
}

const EXAMPLE = `import { defineActor, definePipeline } from '@asya/sdk'

export const greet = defineActor((name: string) => \`Hello, \${name}!\`)
export const shout = defineActor((text: string) => text.toUpperCase())
export const hello = definePipeline([greet, shout])`

function explainNothing(files: readonly string[]): Problem {
  const folders = SOURCE_FOLDERS.map((folder) => `${folder}/`).join(' and ')
  const looked =
    files.length === 0
      ? `there is no .ts or .js file in ${folders}, nor in the folder itself`
      : `nothing that defineActor made is exported by ${files.join(', ')}`
  return {
    code: 'no-actors',
    severity: 'error',
    message: `no actors: ${looked}`,
    fix: `this is a whole project, in one file hello.ts:\n\n${EXAMPLE}`,
  }
}

function sortByName<T extends { readonly name: string }>(all: readonly T[]): T[] {
  return all.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
}
