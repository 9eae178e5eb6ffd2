import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Binaries } from './binaries.ts'

/**
 * What `initdb` made once, with the password that it was given, for the servers that follow: to copy it
 * takes a third of the time. It lies among the caches of the node_modules that the programs are of,
 * where only its owner can read it, and goes with them.
 */
export class ClusterTemplate {
  readonly #folder: string | undefined

  constructor(binaries: Binaries) {
    const [nodeModules] = /^.*[\\/]node_modules(?=[\\/])/.exec(binaries.postgres) ?? []
    const { size, mtimeMs } = statSync(binaries.postgres)
    const key = createHash('sha256').update(`${size} ${mtimeMs}`).digest('hex').slice(0, 16)
    this.#folder = nodeModules && join(nodeModules, '.cache', 'asya', `postgres-${key}`)
  }

  /** Fills the directory; returns its password, or undefined when there is nothing to fill it with. */
  async copyTo(dataDir: string): Promise<string | undefined> {
    if (this.#folder === undefined) return undefined
    try {
      const password = readFileSync(join(this.#folder, 'password'), 'utf8')
      await cp(join(this.#folder, 'data'), dataDir, { recursive: true })
      return password
    } catch {
      this.discard()
      rmSync(dataDir, { recursive: true, force: true })
      return undefined
    }
  }

  /** Keeps a copy of the directory, if there is a place for it: at once, so that no end leaves half of one. */
  keep(dataDir: string, password: string): void {
    const folder = this.#folder
    if (folder === undefined) return
    try {
      mkdirSync(dirname(folder), { recursive: true })
      const unfinished = mkdtempSync(`${folder}-`)
      try {
        writeFileSync(join(unfinished, 'password'), password, { mode: 0o600 })
        cpSync(dataDir, join(unfinished, 'data'), { recursive: true })
        renameSync(unfinished, folder)
      } catch {
        // Such as when another process was first.
        rmSync(unfinished, { recursive: true, force: true })
      }
    } catch {
      // Packages that may only be read: each server is made anew.
    }
  }

  /** For one that cannot be used, such as after the machine lost its power. */
  discard(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }
}
