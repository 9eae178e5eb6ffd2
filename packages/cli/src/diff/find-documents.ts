import { readFileSync, statSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Contract } from '@asya/compiler'
import { UsageError } from '../errors.ts'
import { resolveOutDir } from '../project/out-dir.ts'
import { readFolder, type DocumentFile } from './document-file.ts'
import { readCommitted } from './git-documents.ts'

/** The project whose builds are compared. */
export interface BuildPlace {
  readonly projectDir: string
  /** Of the build. */
  readonly outDir: string
}

/**
 * Reads what was named: a document, a folder of documents, or else a commit.
 *
 * @param findPlace asked for a commit alone: documents of anybody lie outside of any project
 */
export function findDocuments(named: string, findPlace: () => BuildPlace): readonly DocumentFile[] {
  const stat = statSync(named, { throwIfNoEntry: false })
  if (stat?.isFile()) return [{ name: named, text: readFileSync(named, 'utf8') }]
  if (stat?.isDirectory()) return requireSome(readFolder(named), `below ${named}`)
  const place = findPlace()
  const folder = relative(place.projectDir, place.outDir).split(sep).join('/')
  if (folder.startsWith('..'))
    throw new UsageError(
      `${place.outDir} is outside of the project, so no commit of it can be looked up: name a folder`,
    )
  return requireSome(
    readCommitted(named, { ...place, folder }),
    `in ${named}, below ${folder}`,
    COMMIT_FIX,
  )
}

const COMMIT_FIX = 'commit what `asya build` writes, or name the folder of the build with --out'

/** The documents of the working tree, as they were last built. */
export function readBuilt({ outDir }: BuildPlace): readonly DocumentFile[] {
  const shown = relative('.', outDir) || outDir
  if (!statSync(outDir, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`there is no build in ${shown}: run \`asya build\` first`)
  return requireSome(readFolder(outDir), `below ${shown}`, 'run `asya build` first')
}

export function placeOf(projectDir: string, out?: string): BuildPlace {
  return { projectDir, outDir: resolveOutDir(projectDir, out) }
}

function requireSome(
  files: readonly DocumentFile[],
  where: string,
  fix = 'name a folder that holds some',
): readonly DocumentFile[] {
  if (files.length > 0) return files
  throw new UsageError(`there are no AsyncAPI documents ${where}: ${fix}`)
}

/** Throws a UsageError that names every document that cannot be compared. */
export async function readContracts(files: readonly DocumentFile[]): Promise<readonly Contract[]> {
  const { readContractText } = await import('@asya/compiler')
  const problems: string[] = []
  const contracts = files.flatMap(({ name, text }): Contract[] => {
    const reading = readContractText(text)
    if (reading.ok) return [reading.contract]
    problems.push(`${name} ${reading.reason}`)
    return []
  })
  if (problems.length > 0) throw new UsageError(problems.join('\n'))
  return contracts
}
