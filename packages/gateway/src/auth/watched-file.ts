import { readFile } from 'node:fs/promises'
import { ConfigurationError } from '@asya/service/environment'
import { watchFiles } from '../watch-files.ts'

export interface WatchedFileOptions<T> {
  readonly path: string
  /** The variable that names it, for messages. */
  readonly variable: string
  readonly parse: (text: string) => { readonly value: T } | { readonly problem: string }
  /** Told of changes that cannot be read; the value stays as it was. */
  readonly onError: (message: string) => void
}

/** Changes are missed on some file systems. */
const LOOK_MS = 30_000

/** A file whose value is followed: rotated secrets are taken without a restart. */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>
  #value: T | undefined
  #text: string | undefined
  #stopWatching: (() => void) | undefined
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
    this.#stopWatching = watchFiles([this.#options.path], () => void this.#reload())
    this.#looking = setInterval(() => void this.#reload(), LOOK_MS).unref()
  }

  close(): void {
    clearInterval(this.#looking)
    this.#stopWatching?.()
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
