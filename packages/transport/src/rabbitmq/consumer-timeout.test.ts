import { expect, it } from 'vitest'
import { planConsumerTimeout } from './consumer-timeout.ts'

const HOUR_MS = 3_600_000
const consumerTimeoutMs = HOUR_MS / 2

it.each([
  [HOUR_MS / 2, '3.8.9', { type: 'fits' }],
  [HOUR_MS, '3.12.0', { type: 'ask', where: 'queue', timeoutMs: HOUR_MS }],
  [HOUR_MS, '4.2.1', { type: 'ask', where: 'queue', timeoutMs: HOUR_MS }],
  [HOUR_MS, '4.3.0', { type: 'ask', where: 'consumer', timeoutMs: HOUR_MS }],
  [HOUR_MS, '5.0', { type: 'ask', where: 'consumer', timeoutMs: HOUR_MS }],
])('A hold of %d ms on RabbitMQ %s is planned as the broker can', (holdMs, version, plan) => {
  expect(planConsumerTimeout({ holdMs, consumerTimeoutMs, version })).toEqual(plan)
})

it('A broker that cannot be asked for more time is refused, with every way out', () => {
  const plan = planConsumerTimeout({ holdMs: HOUR_MS, consumerTimeoutMs, version: '3.11.28' })
  expect(plan).toEqual({
    type: 'refused',
    reason:
      'A message of this actor may take 60 minutes, and RabbitMQ 3.11.28 takes it back after 30 ' +
      'minutes. Raise consumer_timeout in its rabbitmq.conf to 3600000 or more and say so with ' +
      "ASYA_RABBITMQ_CONSUMER_TIMEOUT, or lower the actor's timeout (ASYA_RUNTIME_TIMEOUT), or use " +
      'RabbitMQ 3.12 or newer',
  })
})
