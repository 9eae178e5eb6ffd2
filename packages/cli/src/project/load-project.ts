import { resolve, sep } from 'node:path'
import { ProjectError } from '../errors.ts'
import { bundle, type BundledModule } from './bundle.ts'
import { findSourceFiles, SOURCE_FOLDERS } from './find-files.ts'
import { inspect } from './inspect.ts'
import type { LoadFailure } from './manifest.ts'
import { readManifest, type ProjectActor, type ProjectPipeline } from './read-manifest.ts'

/** An actor and the bundle that holds it. */
export interface LoadedActor extends ProjectActor {
  readonly module: BundledModule
}

/** Everything that a project defines, bundled and ready to be served. */
export interface Project {
  readonly actors: readonly LoadedActor[]
  readonly pipelines: readonly ProjectPipeline[]
  /** Files it was made of, absolute. */
  readonly inputs: readonly string[]
  /** Changes when any of its modules does. */
  readonly fingerprint: string
}

export interface LoadOptions {
  readonly projectDir: string
  /** Where the bundles go, inside the project. */
  readonly outDir: string
  /** Of the project as it was loaded last. */
  readonly fingerprint?: string | undefined
  /** Gives up. */
  readonly signal: AbortSignal
}

/**
 * Finds, bundles and loads a project's modules; undefined when they are what they were. Throws a
 * ProjectError with every problem.
 */
export async function loadProject(options: LoadOptions): Promise<Project | undefined> {
  const { projectDir } = options
  const files = await findSourceFiles(projectDir)
  if (files.length === 0) throw new ProjectError(explainNothing(projectDir, files))
  const bundled = await bundle({ ...options, files })
  if (!bundled.ok) throw new ProjectError(`the project does not build\n\n${bundled.report}`)
  const { modules, inputs } = bundled
  const fingerprint = modules.map(({ source, hash }) => `${source} ${hash}`).join('\n')
  if (fingerprint === options.fingerprint) return undefined
  const manifest = await inspect(projectDir, modules, options.signal)
  if (manifest.failures.length > 0)
    throw new ProjectError(explainFailures(manifest.failures, projectDir))
  const read = readManifest(manifest)
  if (!read.ok) throw new ProjectError(explainProblems(read.problems))
  if (read.actors.length === 0) throw new ProjectError(explainNothing(projectDir, files))
  const order = read.pipelines.flatMap((pipeline) => pipeline.steps)
  const bySource = new Map(modules.map((module) => [module.source, module]))
  const actors = read.actors.flatMap((actor) => {
    const module = bySource.get(actor.source)
    return module ? [{ ...actor, module }] : []
  })
  // As messages meet them; those of no pipeline come last.
  actors.sort((one, other) => placeOf(one.name, order) - placeOf(other.name, order))
  return { actors, pipelines: read.pipelines, inputs, fingerprint }
}

function placeOf(name: string, order: readonly string[]): number {
  const place = order.indexOf(name)
  return place === -1 ? order.length : place
}

const EXAMPLE = `  import { defineActor, definePipeline } from '@asya/sdk'

  export const greet = defineActor((name: string) => \`Hello, \${name}!\`)
  export const shout = defineActor((text: string) => text.toUpperCase())
  export const hello = definePipeline([greet, shout])`

function explainNothing(projectDir: string, files: readonly string[]): string {
  const folders = SOURCE_FOLDERS.map((folder) => `${folder}/`).join(' and ')
  const looked =
    files.length === 0
      ? `there is no .ts or .js file in ${folders}, nor in the folder itself`
      : `nothing that defineActor made is exported by ${files.join(', ')}`
  return `no actors in ${projectDir}: ${looked}. This is a whole project, in one file hello.ts:\n\n${EXAMPLE}`
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
