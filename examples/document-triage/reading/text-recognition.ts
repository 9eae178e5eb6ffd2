import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { createWorker, OEM, type Worker } from 'tesseract.js'

import { joinLines } from './page-layout.ts'

export interface RecognisedText {
  /** Lines as they were printed, with an empty line between paragraphs. */
  text: string
  /** How sure Tesseract is of its reading, 0 to 100. */
  confidence: number
}

// The English model lies in its npm package, so nothing has to be downloaded.
const require = createRequire(import.meta.url)
const englishModel = require.resolve('@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz')

const progressListeners = new Map<string, (percent: number) => void>()

/** Tesseract and its model, loaded once per process, with the first page. */
let engine: Promise<Worker> | undefined

function startEngine(): Promise<Worker> {
  return createWorker('eng', OEM.LSTM_ONLY, {
    langPath: dirname(englishModel),
    cacheMethod: 'none',
    logger: ({ status, progress, userJobId }) => {
      if (status !== 'recognizing text') return
      progressListeners.get(userJobId)?.(Math.round(progress * 100))
    },
    // A failure rejects its promise; without this, Tesseract also throws it in the event loop.
    errorHandler: () => {},
  })
}

/**
 * Reads the text of a scanned page.
 *
 * @param image the bytes of a PNG, JPEG, BMP or WebP file
 * @param onProgress called with a percentage while the page is read
 * @throws a string of Tesseract's if the bytes are not an image
 */
export async function recogniseText(
  image: Buffer,
  onProgress: (percent: number) => void = () => {},
): Promise<RecognisedText> {
  engine ??= startEngine()
  const worker = await engine
  const id = randomUUID()
  progressListeners.set(id, onProgress)
  try {
    const { data } = await worker.recognize(image, {}, { blocks: true }, id)
    const paragraphs = (data.blocks ?? []).flatMap((block) => block.paragraphs)
    return {
      text: joinLines(paragraphs.flatMap((paragraph) => paragraph.lines)),
      confidence: data.confidence,
    }
  } finally {
    progressListeners.delete(id)
  }
}

/** Stops Tesseract's thread, which otherwise keeps the process alive. */
export async function stopRecognition(): Promise<void> {
  const worker = await engine
  engine = undefined
  await worker?.terminate()
}
