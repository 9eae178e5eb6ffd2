import { resolve, sep } from 'node:path'
import type { Model, OutputFile, Problem } from '@asya/compiler'
import { SOURCE_FOLDERS } from '@asya/compiler/source-files'
import { UsageError } from '../errors.ts'
import { DEFAULT_OUT_DIR, resolveOutDir } from '../project/out-dir.ts'
import { bundleActors, type BundleActorsOptions } from './bundle-actors.ts'
import {
  BUNDLES,
  BUNDLES_FOLDER,
  compareOutput,
  DOCUMENTS,
  writeOutput,
  type Differences,
} from './output-folder.ts'
import type { ProjectBuilder } from './project-builder.ts'

export interface BuildOptions {
  readonly projectDir: string
  readonly outDir: string
  /** Compares, and writes nothing. */
  readonly isCheck: boolean
  /** Undefined: no bundles are made, and those that are there stay as they are. */
  readonly dependencies: BundleActorsOptions['dependencies'] | undefined
  /** Told what takes its time. */
  readonly say: (line: string) => void
}

/** How a build ended. */
export type Built =
  | (Read & { readonly type: 'unreadable'; readonly problems: readonly Problem[] })
  /** Nothing was written. */
  | (Read & { readonly type: 'refused'; readonly reason: string })
  | (Read & {
      readonly type: 'built'
      readonly model: Model
      readonly warnings: readonly Problem[]
      /** From what was there before. */
      readonly differences: readonly Differences[]
    })

interface Read {
  /** Files that were read: what to watch. */
  readonly inputs: readonly string[]
}

/** Throws a UsageError for a folder in which a build would mix with what it is made of. */
export function findOutDir(projectDir: string, named: string | undefined): string {
  const outDir = resolveOutDir(projectDir, named)
  const sources = SOURCE_FOLDERS.map((folder) => resolve(projectDir, folder))
  const isAround = `${projectDir}${sep}`.startsWith(outDir.endsWith(sep) ? outDir : outDir + sep)
  if (isAround || sources.some((folder) => `${outDir}${sep}`.startsWith(folder + sep)))
    throw new UsageError(
      `--out ${outDir} holds the project's source: name a folder for the build alone, ` +
        `such as ${DEFAULT_OUT_DIR}`,
    )
  return outDir
}

/** Reads the project, makes everything of it, and writes what differs. */
export async function buildProject(
  builder: Pick<ProjectBuilder, 'make'>,
  options: BuildOptions,
): Promise<Built> {
  const { outDir, isCheck, dependencies, say } = options
  say('reading the project …')
  const made = builder.make()
  if (!made.ok) return { type: 'unreadable', ...made }
  const { model, warnings, inputs } = made
  const isOfBundle = ({ path }: OutputFile): boolean => path.startsWith(`${BUNDLES_FOLDER}/`)
  const documents = made.files.filter((file) => !isOfBundle(file))
  const differences = [compareOutput(outDir, documents, DOCUMENTS)]
  if (dependencies !== undefined && !isCheck) {
    say('bundling …')
    const actors = listSources(model)
    const bundled = await bundleActors({ ...options, dependencies, actors })
    if (!bundled.ok)
      return {
        type: 'refused',
        reason: `the actors cannot be bundled\n\n${bundled.report}`,
        inputs,
      }
    const files = [...made.files.filter(isOfBundle), ...bundled.files]
    differences.push(compareOutput(outDir, files, BUNDLES))
  }
  const foreign = differences.flatMap((one) => one.foreign)
  if (foreign.length > 0) return { type: 'refused', reason: explainForeign(foreign), inputs }
  if (!isCheck) for (const one of differences) writeOutput(outDir, one)
  return { type: 'built', model, warnings, differences, inputs }
}

function listSources({ actors }: Model): BundleActorsOptions['actors'] {
  return actors
    .filter(({ kind }) => kind === 'node')
    .map(({ name, declared, exportFile = declared.file, exportName }) => ({
      name,
      file: exportFile,
      exportName,
    }))
}

function explainForeign(paths: readonly string[]): string {
  return (
    `${paths.join(', ')} would be written over, and ${paths.length === 1 ? 'is' : 'are'} not of a ` +
    'build (its first lines would say so): move it away, or name another folder with --out'
  )
}
