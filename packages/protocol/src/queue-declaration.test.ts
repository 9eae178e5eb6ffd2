import { expect, it } from 'vitest'
import { ERROR_END } from './names.ts'
import { declareActorQueue, declareRetryQueue, DEFAULT_NAMING } from './queue-declaration.ts'
import { RETRY_TIERS_MS } from './retry.ts'

it('An actor’s queue is bound by its name, and what the broker gives up on goes safely to error-end', () => {
  expect(declareActorQueue('extract', DEFAULT_NAMING)).toEqual({
    name: 'extract',
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1_000,
      'x-dead-letter-exchange': 'asya',
      'x-dead-letter-routing-key': 'error-end',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
    source: { exchange: 'asya', type: 'topic' },
    bindingKey: 'extract',
  })
})

it('The broker never gives up on what is at error-end, and never sends it to itself', () => {
  const { arguments: settings } = declareActorQueue(ERROR_END, DEFAULT_NAMING)
  expect(settings).toEqual({ 'x-queue-type': 'quorum', 'x-delivery-limit': 2_000_000_000 })
})

it('Every retry tier has one queue for all actors, which gives back to the exchange after its time', () => {
  const declarations = RETRY_TIERS_MS.map((tierMs) => declareRetryQueue(tierMs, DEFAULT_NAMING))
  expect(new Set(declarations.map(({ name }) => name)).size).toBe(RETRY_TIERS_MS.length)
  expect(declarations[0]).toEqual({
    name: 'asya.retry.1000',
    arguments: {
      'x-queue-type': 'quorum',
      'x-message-ttl': 1_000,
      'x-dead-letter-exchange': 'asya',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
    source: { exchange: 'asya.retry.1000', type: 'fanout' },
    bindingKey: '',
  })
})

it('Two exchanges on one broker share no queue of retries', () => {
  const other = declareRetryQueue(1_000, { ...DEFAULT_NAMING, exchange: 'other' })
  expect(other.name).toBe('other.retry.1000')
  expect(other.arguments['x-dead-letter-exchange']).toBe('other')
})

it('Classic queues are asked for nothing that only quorum queues can do', () => {
  const naming = { ...DEFAULT_NAMING, queueType: 'classic' } as const
  expect(declareActorQueue('extract', naming).arguments).toEqual({ 'x-queue-type': 'classic' })
  expect(declareRetryQueue(1_000, naming).arguments).toEqual({
    'x-queue-type': 'classic',
    'x-message-ttl': 1_000,
    'x-dead-letter-exchange': 'asya',
  })
})
