import { definePipeline } from '@asya/sdk'
import { rateSentence } from '../actors/rate-sentence.ts'
import { splitSentences } from '../actors/split-sentences.ts'

/** Rates every sentence of an article. */
export const review = definePipeline([splitSentences, rateSentence])
