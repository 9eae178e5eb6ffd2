import { testActor, testPipeline } from '@asya/sdk/testing'
import { expect, test } from 'vitest'
import { rateSentence } from '../actors/rate-sentence.ts'
import { review } from '../pipelines/review.ts'

test('An article has a rating for each of its sentences, in order.', async () => {
  const run = await testPipeline(review, { title: 'Rain', text: 'It rains. Will it stop?' })
  expect(run.status).toBe('succeeded')
  expect(run.results).toEqual([
    { text: 'It rains.', words: 2, grade: 'easy' },
    { text: 'Will it stop?', words: 3, grade: 'easy' },
  ])
})

test('A sentence without words fails at once.', async () => {
  const run = await testActor(rateSentence, { title: 'Rain', index: 0, text: '…' })
  expect(run.failure?.code).toBe('validation_error')
  expect(run.attempts).toHaveLength(1)
})
