import { readFile } from 'node:fs/promises'
import { afterAll, describe, expect, test } from 'vitest'

import { analyseLanguage } from './language-analysis.ts'
import { findParagraphs } from './paragraphs.ts'
import { recogniseText, stopRecognition } from './text-recognition.ts'

const readScan = (name: string) => readFile(new URL(`../pages/${name}.png`, import.meta.url))

async function readMoods(name: string): Promise<string[]> {
  const { text } = await recogniseText(await readScan(name))
  return findParagraphs(text).map((paragraph) => analyseLanguage(paragraph).sentiment)
}

describe('text recognition', { timeout: 60_000 }, () => {
  afterAll(stopRecognition)

  test.each([
    ['complaint-letter', 4, ['Harrow & Finch Ltd', '£489.00', 'marta.quill@example.com']],
    ['guest-review', 3, ['Saltmarsh Inn', 'Priya Nand', '15%']],
    ['incident-report', 4, ['Jonas Adeyemi', 'St Brannock Hospital', '$18,400']],
    ['invoice-note', 3, ['Ms Ingrid Solberg', '€4,861.75', '23 April 2026']],
  ])('%s is read with its %i paragraphs and what matters in them', async (name, count, words) => {
    const { text, confidence } = await recogniseText(await readScan(name))
    expect(confidence).toBeGreaterThan(80)
    expect(findParagraphs(text)).toHaveLength(count)
    for (const word of words) expect(text).toContain(word)
  })

  test('A complaint is negative up to its closing paragraph, a review is positive.', async () => {
    expect(await readMoods('complaint-letter')).toEqual([
      'negative',
      'negative',
      'negative',
      'neutral',
    ])
    expect(await readMoods('guest-review')).toEqual(['positive', 'positive', 'positive'])
  })

  test('Progress climbs to 100 percent.', async () => {
    const percents: number[] = []
    await recogniseText(await readScan('invoice-note'), (percent) => percents.push(percent))
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
    expect(percents.at(-1)).toBe(100)
  })

  test('Bytes that are no image are refused, and the next page is read.', async () => {
    await expect(recogniseText(Buffer.from('not an image'))).rejects.toMatch('read image')
    const { confidence } = await recogniseText(await readScan('invoice-note'))
    expect(confidence).toBeGreaterThan(80)
  })
})
