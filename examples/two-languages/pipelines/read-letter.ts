import { definePipeline } from '@asya/sdk'
import { classify } from '../actors/classify.ts'
import { splitLetter } from '../actors/split-letter.ts'

/** Says of each sentence of a letter what it is about. */
export const readLetter = definePipeline([splitLetter, classify])
