import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { OutputFile } from '@asya/compiler'
import { findSourceFiles } from '@asya/compiler/source-files'
import { findPython } from '@asya/runtime-python'
import { readWantedPython } from '../config.ts'
import { ProjectError } from '../errors.ts'
import { bundle, type BundledModule } from './bundle.ts'
import { hashPythonFiles } from './hash-python-files.ts'
import { inspect } from './inspect.ts'
import type { LoadFailure } from './manifest.ts'
import type { ModelRead } from './model-reader.ts'
import { readManifest, type ProjectActor, type ProjectPipeline } from './read-manifest.ts'
import { settleActor } from './settle-actor.ts'

/** An actor and what runs it. */
export interface LoadedActor extends ProjectActor {
  readonly program: ActorProgram
  /** What checks its payloads; none for a stand-in, which is not built. */
  readonly guard: Guard | undefined
  /** Variables of its environment, but those that a cluster keeps: secrets and config maps. */
  readonly env: Readonly<Record<string, string>>
}

/** What serves an actor: a bundle, or a module of Python with the interpreter for it. */
type ActorProgram =
  | { readonly type: 'node'; readonly module: BundledModule }
  | {
      readonly type: 'python'
      readonly handler: string
      readonly command: string
      readonly hash: string
    }

interface Guard {
  /** Absolute. */
  readonly path: string
  /** Changes when its types do. */
  readonly hash: string
}

/** Everything that a project defines, bundled and ready to be served. */
export interface Project {
  readonly actors: readonly LoadedActor[]
  readonly pipelines: readonly ProjectPipeline[]
  /** Files it was made of, absolute. */
  readonly inputs: readonly string[]
  /** What is not quite right, and can be run all the same. */
  readonly warnings: readonly string[]
  /** The text of the gateway's tool catalog. */
  readonly tools: string
  /** Changes when any of its modules or types does. */
  readonly fingerprint: string
}

export interface LoadOptions {
  readonly projectDir: string
  /** Where the bundles go, inside the project. */
  readonly outDir: string
  /** What the compiler says of the project: it takes a while, in which everything else goes on. */
  readonly readModel: () => Promise<ModelRead>
  /** Of the project as it was loaded last. */
  readonly fingerprint?: string | undefined
  /** Gives up. */
  readonly signal: AbortSignal
}

/**
 * Finds, checks, bundles and loads a project's modules; undefined when they are what they were. Throws
 * a ProjectError with every problem.
 */
export async function loadProject(options: LoadOptions): Promise<Project | undefined> {
  const { projectDir, outDir, signal } = options
  const files = findSourceFiles(projectDir)
  const bundling = bundle({ ...options, files })
  // Who gives up meanwhile removes the bundles: then nothing may write there any more.
  const [read, bundled] = await Promise.all([options.readModel(), bundling]).finally(() =>
    Promise.allSettled([bundling]),
  )
  // Both see a mistake of syntax: one report of it is enough.
  if (!read.ok) throw new ProjectError(`the project does not build\n\n${read.report}`)
  if (!bundled.ok) throw new ProjectError(`the project does not build\n\n${bundled.report}`)
  const { modules } = bundled
  const { guards, settings, tools, warnings } = read
  const pythonHash = hashPythonFiles(projectDir)
  const fingerprint = hashText(
    JSON.stringify([
      pythonHash,
      modules.map(({ source, hash }) => [source, hash]),
      ...[guards, settings, tools, warnings],
    ]),
  )
  if (fingerprint === options.fingerprint) return undefined
  const manifest = await inspect(projectDir, modules, signal)
  if (manifest.failures.length > 0)
    throw new ProjectError(explainFailures(manifest.failures, projectDir))
  const found = readManifest(manifest)
  if (!found.ok) throw new ProjectError(explainProblems(found.problems))
  const order = found.pipelines.flatMap((pipeline) => pipeline.steps)
  const bySource = new Map(modules.map((module) => [module.source, module]))
  const written = writeGuards(outDir, guards)
  const python = { projectDir, hash: pythonHash }
  const actors = found.actors.flatMap((actor) => {
    const module = bySource.get(actor.source)
    if (!module) return []
    const program = findProgram(actor, module, python)
    const guard = written.get(actor.name)
    return [{ ...settleActor(actor, settings[actor.name]), program, guard }]
  })
  // As messages meet them; those of no pipeline come last.
  actors.sort((one, other) => placeOf(one.name, order) - placeOf(other.name, order))
  const inputs = [...new Set([...bundled.inputs, ...read.inputs])]
  return { actors, pipelines: found.pipelines, inputs, warnings, tools, fingerprint }
}

/** What runs an actor. Throws a ProjectError when it is in Python, and there is none here. */
function findProgram(
  { name, python: handler }: ProjectActor,
  module: BundledModule,
  { projectDir, hash }: { readonly projectDir: string; readonly hash: string },
): ActorProgram {
  if (handler === undefined) return { type: 'node', module }
  const found = findPython({ directory: projectDir, wanted: readWantedPython() })
  if (!found.ok) throw new ProjectError(`${name} is in Python, and ${found.reason}`)
  return { type: 'python', handler, command: found.python.command, hash }
}

/** The guards by the names of their actors. */
function writeGuards(outDir: string, guards: readonly OutputFile[]): Map<string, Guard> {
  return new Map(
    guards.map(({ path, content }) => {
      const whole = join(outDir, path)
      mkdirSync(dirname(whole), { recursive: true })
      writeFileSync(whole, content)
      return [basename(path, '.mjs'), { path: whole, hash: hashText(content) }]
    }),
  )
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function placeOf(name: string, order: readonly string[]): number {
  const place = order.indexOf(name)
  return place === -1 ? order.length : place
}

function explainProblems(problems: readonly string[]): string {
  const [only] = problems
  if (only !== undefined && problems.length === 1) return only
  return ['the project cannot be run:', ...problems.map((problem) => `  ${problem}`)].join('\n')
}

function explainFailures(failures: readonly LoadFailure[], projectDir: string): string {
  return failures
    .map(({ source, stack }) => `${source} cannot be loaded\n\n${cleanStack(stack, projectDir)}`)
    .join('\n\n')
}

/** Leaves the lines that the author can do something about, with paths seen from the project. */
function cleanStack(stack: string, projectDir: string): string {
  const root = resolve(projectDir) + sep
  const isForeign = (line: string): boolean =>
    /^\s+at .*(?:node:internal|[/\\]inspect-main\.[jt]s)/.test(line)
  const lines = stack.split('\n').filter((line) => !isForeign(line))
  return lines
    .map((line) => `  ${line.replaceAll(`file://${root}`, root).replaceAll(root, '')}`)
    .join('\n')
}
