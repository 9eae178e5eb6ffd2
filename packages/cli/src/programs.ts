import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { runtimeMainPath } from '@asya/runtime-node'
import { runtimePythonPath } from '@asya/runtime-python'

/**
 * The programs that the CLI starts as processes of their own, and with which arguments. This module
 * stands at the top of src, as its code stands at the top of dist: paths hold for both.
 */

const isSource = import.meta.url.endsWith('.ts')
const require = createRequire(import.meta.url)

/** How packages of this repository are found by those that bundle: from source, as source. */
export const sourceConditions: readonly string[] = isSource ? ['source'] : []

/** Arguments of every Node process that loads an author's modules. */
const NODE_ARGUMENTS: readonly string[] = [
  // Stacks name the lines that the author wrote.
  '--enable-source-maps',
  // From source, the author's `@asya/sdk` is the source too.
  ...(isSource ? ['--conditions=source', '--disable-warning=ExperimentalWarning'] : []),
]

/** Loads bundles and prints what they export. */
export function inspectArguments(): string[] {
  return [...NODE_ARGUMENTS, ownFile('project/inspect-main')]
}

/** The thread that reads a project without running it. */
export function modelReaderPath(): string {
  return ownFile('project/model-reader-main')
}

/** Serves an actor; ends with the process that started it, however that ends. */
export function runtimeArguments(): string[] {
  const guard = new URL(`./${extend('dev/parent-guard')}?parent=${process.pid}`, import.meta.url)
  return [...NODE_ARGUMENTS, '--import', guard.href, runtimeMainPath]
}

/** The same for an actor in Python. */
export function pythonRuntimeArguments(): string[] {
  return [runtimePythonPath, '--until-stdin-ends']
}

/** The module with the handlers of happy-end and error-end. */
export function endActorsModule(): string {
  const folder = dirname(require.resolve('@asya/end-actors/package.json'))
  return join(folder, isSource ? 'src' : 'dist', extend('index'))
}

/** The golden corpus of the wire; the build copies it beside the code. */
export function fixturesFolder(): URL {
  return new URL(isSource ? '../../../asyncapi/fixtures/' : './fixtures/', import.meta.url)
}

function ownFile(path: string): string {
  return fileURLToPath(new URL(`./${extend(path)}`, import.meta.url))
}

function extend(path: string): string {
  return `${path}.${isSource ? 'ts' : 'js'}`
}
