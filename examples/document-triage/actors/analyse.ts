import { defineActor } from '@asya/sdk'

import { analyseLanguage, type Entity } from '../reading/language-analysis.ts'
import type { Paragraph } from './split-paragraphs.ts'

export interface Finding {
  path: string
  /** The paragraph's place on its page, counted from 1. */
  paragraph: number
  sentiment: 'negative' | 'neutral' | 'positive'
  /** From -1 (hostile) to 1 (delighted). */
  score: number
  /** Names, places, dates, sums and addresses, in the order of the text. */
  entities: Entity[]
  /** How the paragraph begins. */
  excerpt: string
  /** How sure the text recognition is of the page, 0 to 100. */
  confidence: number
}

/** Finds who, where, when and how much in a paragraph, and its mood. */
export const analyse = defineActor(
  async ({ path, number, text, confidence }: Paragraph): Promise<Finding> => {
    const { sentiment, score, entities } = analyseLanguage(text)
    return {
      path,
      paragraph: number,
      sentiment,
      score,
      entities,
      excerpt: shorten(text),
      confidence,
    }
  },
  { timeout: '30s' },
)

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79).trimEnd()}…` : text
}
