// Made by `asya import` from ../topics/classify.schema.json: classify.
// Do not edit it: make it again.

import { pythonActor } from '@asya/sdk'

export interface Sentence {
  text: string
  place: number
}

export interface Topic {
  text: string
  place: number
  topic: string
  certainty: number
}

/** Says what a sentence of a letter is about. */
export const classify = pythonActor<Sentence, Topic>('topics.classify:classify')
