import { Worker } from 'node:worker_threads'
import type { ActorSettings, OutputFile } from '@asya/compiler'
import { modelReaderPath } from '../programs.ts'

/** What the compiler says of a project as its files stand now. */
export type ModelRead =
  | {
      readonly ok: true
      /** For people, each with its place in the source. */
      readonly warnings: readonly string[]
      /** A module for each actor that checks its payloads, below `guards/`. */
      readonly guards: readonly OutputFile[]
      /** How each actor of the project is run: its own options over the defaults of `asya.config.ts`. */
      readonly settings: Readonly<Record<string, ActorSettings>>
      /** The text of the gateway's tool catalog. */
      readonly tools: string
      readonly inputs: readonly string[]
    }
  | {
      readonly ok: false
      /** Every problem, for people. */
      readonly report: string
      readonly inputs: readonly string[]
    }

/** What the thread is told, and what it answers. */
export interface ReadRequest {
  readonly id: number
}

export type ReadAnswer =
  | { readonly id: number; readonly read: ModelRead }
  /** A mistake of ours. */
  | { readonly id: number; readonly stack: string }

/**
 * Reads a project without running it, again and again, in a thread of its own: the compiler keeps a
 * processor busy for a second, in which messages must go on.
 */
export class ModelReader {
  readonly #worker: Worker
  readonly #waiting = new Map<number, PromiseWithResolvers<ModelRead>>()
  #requests = 0
  /** Why there is no thread any more. */
  #end: Error | undefined

  constructor(projectDir: string) {
    this.#worker = new Worker(modelReaderPath(), { workerData: projectDir, stdin: false })
    this.#worker.on('message', (answer: ReadAnswer) => {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('read' in answer) waiting?.resolve(answer.read)
      else waiting?.reject(new Error(answer.stack))
    })
    this.#worker.on('error', (error) => {
      this.#giveUp(error instanceof Error ? error : new Error(String(error)))
    })
    this.#worker.on('exit', () => {
      this.#giveUp(new Error('the thread that reads the project has ended'))
    })
  }

  /** Rejects when it is closed meanwhile. */
  read(): Promise<ModelRead> {
    if (this.#end) return Promise.reject(this.#end)
    const id = ++this.#requests
    const waiting = Promise.withResolvers<ModelRead>()
    this.#waiting.set(id, waiting)
    this.#worker.postMessage({ id } satisfies ReadRequest)
    return waiting.promise
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#giveUp(new Error('closed'))
    await this.#worker.terminate()
  }

  #giveUp(reason: Error): void {
    this.#end ??= reason
    for (const { reject } of this.#waiting.values()) reject(this.#end)
    this.#waiting.clear()
  }
}
