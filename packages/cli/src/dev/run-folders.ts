import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workFolder } from './state-file.ts'

/** Names bear the process that they belong to, so that the next run can remove what a killed one left. */
const SOCKETS = /^asya-(\d+)-/
const BUILDS = /^(\d+)-\d+$/

/** A Unix socket's path has at most 103 bytes on macOS; its name is up to 12 of them. */
const MAX_FOLDER_BYTES = 90

/** A private folder for sockets, with a short path. */
export function makeSocketFolder(): string {
  const isShort = Buffer.byteLength(tmpdir()) < MAX_FOLDER_BYTES - 'asya-1234567-123456/'.length
  const parent = isShort ? tmpdir() : '/tmp'
  sweep(parent, SOCKETS)
  return mkdtempSync(join(parent, `asya-${process.pid}-`))
}

/** The folder that holds the bundles of all runs of a project. */
function buildsFolder(projectDir: string): string {
  return join(workFolder(projectDir), 'dev')
}

/** The bundles of one run: a folder for each build, kept as long as an actor uses it. */
export class BuildFolders {
  readonly #folder: string
  readonly #builds = new Set<string>()

  constructor(projectDir: string) {
    this.#folder = buildsFolder(projectDir)
    sweep(this.#folder, BUILDS)
  }

  /** A path for the next build; nothing is there yet. */
  next(): string {
    const path = join(this.#folder, `${process.pid}-${nextBuild()}`)
    this.#builds.add(path)
    return path
  }

  /** Removes the builds that none of these paths lies in. */
  removeUnused(paths: readonly string[]): void {
    for (const build of this.#builds) {
      if (paths.some((path) => path.startsWith(join(build, '/')))) continue
      this.#builds.delete(build)
      rmSync(build, { recursive: true, force: true })
    }
  }
}

let builds = 0

function nextBuild(): number {
  return ++builds
}

/** Removes what processes left that are gone. */
function sweep(folder: string, pattern: RegExp): void {
  for (const name of list(folder)) {
    const pid = Number(pattern.exec(name)?.[1])
    if (!Number.isInteger(pid) || !isGone(pid)) continue
    try {
      rmSync(join(folder, name), { recursive: true, force: true })
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
