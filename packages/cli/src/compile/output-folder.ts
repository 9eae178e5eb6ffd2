import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OutputFile } from '@asya/compiler'

/** What stands in the folder of a build, seen from what should stand there. Paths are in order. */
export interface Differences {
  readonly missing: readonly OutputFile[]
  readonly stale: readonly OutputFile[]
  /** Made by an earlier build, and no more. */
  readonly superfluous: readonly string[]
  /** In the way of a file of ours, and not made by a build. */
  readonly foreign: readonly string[]
  readonly unchangedCount: number
}

/** What of the folder of a build is looked at. */
export interface Scope {
  readonly folders: readonly string[]
  /** Also the files at its top. */
  readonly hasTop: boolean
}

export const BUNDLES_FOLDER = 'bundles'

export const DOCUMENTS: Scope = {
  folders: ['asyncapi', 'guards', 'kubernetes', 'schemas'],
  hasTop: true,
}

export const BUNDLES: Scope = { folders: [BUNDLES_FOLDER], hasTop: false }

/** Whether `asya build` made a file: it says so in its first lines. */
function isMadeByBuild(content: string): boolean {
  return content.slice(0, HEAD_LENGTH).includes(MARK)
}

const MARK = 'Made by `asya build`'
const HEAD_LENGTH = 600

/** Compares a folder with the files that a build made; reads only. */
export function compareOutput(
  outDir: string,
  files: readonly OutputFile[],
  scope: Scope,
): Differences {
  const missing: OutputFile[] = []
  const stale: OutputFile[] = []
  const foreign: string[] = []
  for (const file of files) {
    const found = read(join(outDir, file.path))
    if (found === undefined) missing.push(file)
    else if (found === file.content) continue
    else if (isMadeByBuild(found)) stale.push(file)
    else foreign.push(file.path)
  }
  const made = new Set(files.map((file) => file.path))
  const superfluous = listFilesIn(outDir, scope)
    .filter((path) => !made.has(path) && isMadeByBuild(read(join(outDir, path)) ?? ''))
    .sort()
  const unchangedCount = files.length - missing.length - stale.length - foreign.length
  return { missing, stale, superfluous, foreign, unchangedCount }
}

/** Writes what is missing or stale, and removes what is superfluous. */
export function writeOutput(outDir: string, differences: Differences): void {
  for (const { path, content } of [...differences.missing, ...differences.stale]) {
    const whole = join(outDir, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, content)
  }
  for (const path of differences.superfluous) removeFile(outDir, path)
}

/** Removes a file, and the folders that are empty without it. */
function removeFile(outDir: string, path: string): void {
  rmSync(join(outDir, path), { force: true })
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    try {
      rmdirSync(join(outDir, folder))
    } catch {
      // Something else lies in it.
      return
    }
  }
}

/** Whoever made them; seen from the folder. */
function listFilesIn(outDir: string, { folders, hasTop }: Scope): string[] {
  const below = folders.flatMap((folder) => listBelow(outDir, folder))
  return [...(hasTop ? listFiles(outDir, '') : []), ...below]
}

function listBelow(outDir: string, folder: string): string[] {
  const inner = listEntries(join(outDir, folder)).filter((entry) => entry.isDirectory())
  return [
    ...listFiles(outDir, `${folder}/`),
    ...inner.flatMap((entry) => listBelow(outDir, `${folder}/${entry.name}`)),
  ]
}

function listFiles(outDir: string, prefix: string): string[] {
  return listEntries(join(outDir, prefix))
    .filter((entry) => entry.isFile())
    .map((entry) => prefix + entry.name)
}

function listEntries(folder: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(folder)
  } catch {
    // Nothing was built there yet.
    return []
  }
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
