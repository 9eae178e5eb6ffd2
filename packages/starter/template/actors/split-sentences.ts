import { defineActor } from '@asya/sdk'

/** What somebody wrote. */
export interface Article {
  /** @minLength 1 */
  title: string
  text: string
}

/** One sentence of an article. */
export interface Sentence {
  title: string
  /** Its place in the article, from 0. */
  index: number
  text: string
}

/** Splits an article into its sentences: one message for each. */
export const splitSentences = defineActor((article: Article, ctx): Sentence[] => {
  const sentences = article.text.match(/[^.!?]+[.!?]*/g) ?? []
  const texts = sentences.map((sentence) => sentence.trim()).filter((text) => text !== '')
  ctx.log.info({ count: texts.length }, 'split')
  return texts.map((text, index) => ({ title: article.title, index, text }))
})
