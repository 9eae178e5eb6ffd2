import { createHash } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** Where end actors keep messages. Keeping one twice leaves one. */
export interface Sink {
  /** Resolves when the message is safe; rejects when it is not, and the message comes again. */
  keep(message: KeptMessage): Promise<void>
}

interface KeptMessage {
  readonly id: string
  /** The whole message as it travelled, as JSON text. */
  readonly text: string
}

/** Keeps nothing: the gateway has the results. */
export const noSink: Sink = { keep: () => Promise.resolve() }

/** Keeps each message in a file of its own, named after its id. */
export function directorySink(directory: string): Sink {
  return {
    keep: async (message) => {
      await mkdir(directory, { recursive: true })
      const path = join(directory, fileNameOf(message.id))
      const unfinished = `${path}.${String(process.pid)}.unfinished`
      const file = await open(unfinished, 'w')
      try {
        await file.writeFile(message.text)
        await file.sync()
      } finally {
        await file.close()
      }
      // Whole or not at all, also for who reads it just now.
      await rename(unfinished, path)
    },
  }
}

const MAX_NAME_LENGTH = 150

/** Ids come from outside: none of them may leave the directory or be too long for a file's name. */
export function fileNameOf(id: string): string {
  const escaped = encodeURIComponent(id.toWellFormed()).replaceAll('.', '%2E')
  const isShort = escaped.length <= MAX_NAME_LENGTH
  const name = isShort ? escaped : `sha256-${createHash('sha256').update(id).digest('hex')}`
  return `${name}.json`
}
