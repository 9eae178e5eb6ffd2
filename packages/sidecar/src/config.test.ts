import { ConfigurationError } from '@asya/service/environment'
import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
}

describe('the configuration of a sidecar', () => {
  test('needs only the name of its queue, and has the defaults of the original', () => {
    const config = readConfig({ ASYA_QUEUE_NAME: 'extract' })
    expect(config.sidecar).toMatchObject({
      actorName: 'extract',
      socketPath: '/tmp/sockets/app.sock',
      concurrency: 1,
      timeoutMs: 300_000,
      station: {
        queue: 'extract',
        isEnd: false,
        happyEnd: 'happy-end',
        errorEnd: 'error-end',
        retry: { maxAttempts: 3, initialDelayMs: 1_000 },
      },
    })
    expect(config).toMatchObject({
      gatewayUrl: undefined,
      logLevel: 'info',
      metrics: { isEnabled: true, namespace: 'asya_actor', address: { port: 8080 } },
    })
  })

  test('reads durations as Go writes them', () => {
    const config = readConfig({ ASYA_QUEUE_NAME: 'a', ASYA_RUNTIME_TIMEOUT: '1m30s' })
    expect(config.sidecar.timeoutMs).toBe(90_000)
  })

  test('takes the prefetch of the original for its concurrency', () => {
    const config = readConfig({ ASYA_QUEUE_NAME: 'a', ASYA_RABBITMQ_PREFETCH: '7' })
    expect(config.sidecar.concurrency).toBe(7)
  })

  test.each(['happy-end', 'error-end'])('knows that %s is an end actor', (queue) => {
    expect(readConfig({ ASYA_QUEUE_NAME: queue }).sidecar.station).toMatchObject({
      isEnd: true,
      retry: { maxAttempts: 100 },
    })
  })

  test('counts an empty variable as unset', () => {
    expect(problemsOf({ ASYA_QUEUE_NAME: '', ASYA_CONCURRENCY: '' })).toEqual([
      'ASYA_QUEUE_NAME is not set: expected the name of a queue (letters, digits, ".", "_", "-")',
    ])
  })

  test('reports all problems at once, each with the name, the value and what is allowed', () => {
    const problems = problemsOf({
      ASYA_QUEUE_NAME: 'no spaces please',
      ASYA_RUNTIME_TIMEOUT: '5 minutes',
      ASYA_CONCURRENCY: '0',
      ASYA_IS_TERMINAL: 'maybe',
      ASYA_METRICS_ADDR: '8080',
      ASYA_LOG_LEVEL: 'loud',
      ASYA_GATEWAY_URL: 'gateway:8080',
      ASYA_CUSTOM_METRICS: '[{"kind":"meter"}]',
      ASYA_RETRY_CODES: 'timeout error',
    })
    expect(problems).toEqual([
      'ASYA_QUEUE_NAME is "no spaces please": expected the name of a queue (letters, digits, ".", "_", "-")',
      'ASYA_RUNTIME_TIMEOUT is "5 minutes": expected a duration such as 300ms, 90s, 5m or 1h30m',
      'ASYA_IS_TERMINAL is "maybe": expected true or false',
      'ASYA_CONCURRENCY is "0": expected a whole number from 1 to 10000',
      'ASYA_RETRY_CODES is "timeout error": expected failure codes with commas between, such as timeout_error,oom_error',
      'ASYA_GATEWAY_URL is "gateway:8080": expected an http:// or https:// URL',
      'ASYA_METRICS_ADDR is "8080": expected [host]:port, such as :8080 or 127.0.0.1:8080',
      `ASYA_CUSTOM_METRICS is ${JSON.stringify('[{"kind":"meter"}]')}: expected a JSON list of {"kind","name","help"?,"labels"?,"buckets"?}`,
      'ASYA_LOG_LEVEL is "loud": expected one of debug, info, warn, error, silent',
    ])
  })

  test('refuses one queue for both ends', () => {
    const environment = { ASYA_QUEUE_NAME: 'a', ASYA_STEP_HAPPY_END: 'x', ASYA_STEP_ERROR_END: 'x' }
    expect(problemsOf(environment)).toHaveLength(1)
  })
})
