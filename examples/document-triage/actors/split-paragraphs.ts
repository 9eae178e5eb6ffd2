import { defineActor } from '@asya/sdk'

import { findParagraphs } from '../reading/paragraphs.ts'
import type { PageText } from './read-page.ts'

export interface Paragraph {
  path: string
  /** The paragraph's place on its page, counted from 1. */
  number: number
  text: string
  /** How sure the text recognition is of the page, 0 to 100. */
  confidence: number
}

/** Splits a page into its paragraphs, which then travel one by one. */
export const splitParagraphs = defineActor(
  async ({ path, text, confidence }: PageText): Promise<Paragraph[]> =>
    findParagraphs(text).map((paragraph, index) => ({
      path,
      number: index + 1,
      text: paragraph,
      confidence,
    })),
)
