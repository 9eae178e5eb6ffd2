import { defineActor, ValidationError } from '@asya/sdk'
import type { Sentence } from './split-sentences.ts'

/** How hard a sentence is to read. */
export interface Rating {
  text: string
  words: number
  grade: 'easy' | 'fair' | 'hard'
}

/** Rates a sentence by the number of its words. */
export const rateSentence = defineActor(
  (sentence: Sentence): Rating => {
    const words = sentence.text.match(/[\p{L}\p{N}'’-]+/gu)?.length ?? 0
    // No other attempt can help, so it is not retried.
    if (words === 0) throw new ValidationError(`sentence ${String(sentence.index)} has no words`)
    return { text: sentence.text, words, grade: words < 9 ? 'easy' : words < 20 ? 'fair' : 'hard' }
  },
  { timeout: '30s', retry: { maxAttempts: 3 }, scaling: { min: 0, max: 10 } },
)
