import { watch, type FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigurationError } from '@asya/service/environment'

export interface WatchedFileOptions<T> {
  readonly path: string
  /** The variable that names it, for messages. */
  readonly variable: string
  readonly parse: (text: string) => { readonly value: T } | { readonly problem: string }
  /** Told of changes that cannot be read; the value stays as it was. */
  readonly onError: (message: string) => void
}

/** Editors and mounted secrets change a file in several steps. */
const SETTLE_MS = 200

/** Changes are missed on some file systems. */
const LOOK_MS = 30_000

/** A file whose value is followed: rotated secrets are taken without a restart. */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>
  #value: T | undefined
  #text: string | undefined
  #watcher: FSWatcher | undefined
  #settling: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined

  constructor(options: WatchedFileOptions<T>) {
    this.#options = options
  }

  /** Undefined before the start. */
  get value(): T | undefined {
    return this.#value
  }

  /** Throws a ConfigurationError when it cannot be read. */
  async start(): Promise<void> {
    const problem = await this.#load()
    if (problem !== undefined) throw new ConfigurationError([problem])
    // The folder: a mounted secret replaces a link beside the file, and editors the file itself.
    this.#watcher = watch(dirname(this.#options.path), () => {
      clearTimeout(this.#settling)
      this.#settling = setTimeout(() => void this.#reload(), SETTLE_MS)
    })
    this.#watcher.on('error', () => undefined)
    this.#looking = setInterval(() => void this.#reload(), LOOK_MS).unref()
  }

  close(): void {
    clearTimeout(this.#settling)
    clearInterval(this.#looking)
    this.#watcher?.close()
  }

  async #reload(): Promise<void> {
    const problem = await this.#load()
    if (problem !== undefined) this.#options.onError(`${problem}; what it said before still holds`)
  }

  /** What is wrong with it; nothing when it was taken, or did not change. */
  async #load(): Promise<string | undefined> {
    const { path, variable, parse } = this.#options
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      const reason: unknown = error instanceof Error ? Reflect.get(error, 'code') : error
      return `${variable}: ${path} cannot be read (${String(reason)})`
    }
    if (text === this.#text) return undefined
    this.#text = text
    const parsed = parse(text)
    if ('problem' in parsed) return `${variable}: ${path}: ${parsed.problem}`
    this.#value = parsed.value
    return undefined
  }
}
