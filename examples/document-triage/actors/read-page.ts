import { readFile } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { defineActor, ValidationError } from '@asya/sdk'

import { recogniseText } from '../reading/text-recognition.ts'

export interface Page {
  /** Where the scan lies, seen from the project's folder: `pages/letter.png`. */
  path: string
}

export interface PageText {
  path: string
  /** The text of the page, with an empty line between paragraphs. */
  text: string
  /** How sure the text recognition is of its reading, 0 to 100. */
  confidence: number
}

/** Reads the text of a scanned page. */
export const readPage = defineActor(
  async (page: Page, ctx): Promise<PageText> => {
    const image = await readScan(page.path)
    const { text, confidence } = await recogniseText(image, (percent) => {
      ctx.progress(percent, `reading ${page.path}`)
    }).catch((reason: unknown) => {
      // The same bytes would fail again: the page goes to error-end instead of being retried.
      throw new ValidationError(`${page.path} cannot be read as an image: ${String(reason)}`)
    })
    ctx.log.info({ path: page.path, confidence, characters: text.length }, 'page read')
    ctx.metrics.counter('pages_read_total', 1)
    return { path: page.path, text, confidence }
  },
  { timeout: '2m', retry: { maxAttempts: 3 } },
)

async function readScan(path: string): Promise<Buffer> {
  const file = resolve(path)
  // The path comes from outside: it must not reach other files of this machine.
  if (!file.startsWith(resolve('pages') + sep)) {
    throw new ValidationError(`${path} is not in the folder pages/`)
  }
  return readFile(file).catch(() => {
    throw new ValidationError(`there is no file ${path} that can be opened`)
  })
}
