import { DEFAULT_RETRY_POLICY, toSidecarEnvironment, type SidecarSetup } from '@asya/protocol'
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

  test('ends for want of messages only if it is told to, and never before one could come', () => {
    expect(readConfig({ ASYA_QUEUE_NAME: 'a' }).sidecar.exitWhenIdleMs).toBeUndefined()
    expect(problemsOf({ ASYA_QUEUE_NAME: 'a', ASYA_EXIT_WHEN_IDLE: '900ms' })).toEqual([
      'ASYA_EXIT_WHEN_IDLE is "900ms": expected a duration of at least 1s',
    ])
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

  describe('that the operator writes', () => {
    const smallest: SidecarSetup = {
      queue: 'pages',
      actorName: 'read-page',
      socketPath: '/run/asya/app.sock',
      concurrency: 8,
      maxMessageBytes: 1_048_576,
      timeoutMs: 90_500,
      graceMs: 105_500,
      opsPort: 9_090,
      exitWhenIdleMs: undefined,
      retry: {},
      rabbitmq: {
        host: 'rabbitmq.asya.svc',
        port: undefined,
        vhost: undefined,
        exchange: undefined,
        isTls: false,
        username: undefined,
        passwordPath: undefined,
      },
      gateway: undefined,
    }

    test('is read back as it was meant', () => {
      const config = readConfig(toSidecarEnvironment(smallest))
      expect(config).toMatchObject({
        sidecar: {
          station: { queue: 'pages', retry: DEFAULT_RETRY_POLICY },
          actorName: 'read-page',
          socketPath: '/run/asya/app.sock',
          concurrency: 8,
          maxMessageBytes: 1_048_576,
          timeoutMs: 90_500,
        },
        transport: {
          type: 'rabbitmq',
          options: {
            endpoint: { host: 'rabbitmq.asya.svc', port: 5_672, vhost: '/', username: 'guest' },
            naming: { exchange: 'asya' },
          },
        },
        graceMs: 105_500,
        metrics: { address: { host: undefined, port: 9_090 } },
        gatewayUrl: undefined,
      })
    })

    test('is read back whole, whatever of it is said', async () => {
      const retry = {
        maxAttempts: 5,
        initialDelayMs: 1_500,
        maxDelayMs: 90_000,
        backoff: 1.5,
        retryCodes: ['validation_error'],
        fatalCodes: ['oom_error', 'timeout_error'],
      }
      const rabbitmq = {
        host: 'rabbitmq.asya.svc',
        port: 5_673,
        vhost: 'docs',
        exchange: 'asya-docs',
        isTls: true,
        username: 'ada',
        passwordPath: '/nowhere/rabbitmq-password',
      }
      const gateway = { url: 'http://gateway.asya.svc:8081', tokenPath: '/nowhere/gateway-token' }
      const config = readConfig(
        toSidecarEnvironment({ ...smallest, exitWhenIdleMs: 90_000, retry, rabbitmq, gateway }),
      )
      expect(config.sidecar.station.retry).toEqual(retry)
      expect(config.sidecar.exitWhenIdleMs).toBe(90_000)
      expect(config).toMatchObject({
        gatewayUrl: gateway.url,
        gatewayToken: { path: gateway.tokenPath },
        transport: {
          options: {
            endpoint: { host: rabbitmq.host, port: 5_673, vhost: 'docs', username: 'ada', tls: {} },
            naming: { exchange: 'asya-docs' },
          },
        },
      })
      if (config.transport.type !== 'rabbitmq') throw new Error(config.transport.type)
      const { password } = config.transport.options.endpoint
      await expect(password.read()).rejects.toThrow(rabbitmq.passwordPath)
    })
  })

  describe('of its broker', () => {
    const rabbitmqOf = (environment: Record<string, string>) => {
      const { transport } = readConfig({ ASYA_QUEUE_NAME: 'a', ...environment })
      if (transport.type !== 'rabbitmq') throw new Error(transport.type)
      return transport.options
    }

    test('takes messages that have room for an error beside their payload', () => {
      const limit = (bytes: string) => ({ ASYA_RABBITMQ_MAX_MESSAGE_SIZE: bytes })
      expect(problemsOf({ ASYA_QUEUE_NAME: 'a', ...limit('131071') })).toEqual([
        'ASYA_RABBITMQ_MAX_MESSAGE_SIZE is "131071": expected a whole number from 131072 to 536870912',
      ])
      expect(rabbitmqOf(limit('131072'))).toMatchObject({ maxBodyBytes: 131_072 })
    })

    test('is that of the original, which knows a URL and an exchange', async () => {
      const { endpoint, naming } = rabbitmqOf({
        ASYA_RABBITMQ_URL: 'amqp://ada:lovelace@broker:1234/v',
        ASYA_RABBITMQ_EXCHANGE: 'other',
      })
      expect(endpoint).toMatchObject({ host: 'broker', port: 1234, vhost: 'v', username: 'ada' })
      expect(await endpoint.password.read()).toBe('lovelace')
      expect(naming).toEqual({ exchange: 'other', errorEnd: 'error-end', queueType: 'quorum' })
    })

    test('is a local broker when nothing is said', async () => {
      const { endpoint, holdMs } = rabbitmqOf({ ASYA_RUNTIME_TIMEOUT: '1h' })
      expect(endpoint).toMatchObject({ host: 'localhost', port: 5672, username: 'guest' })
      expect(endpoint.tls).toBeUndefined()
      expect(holdMs).toBe(3_720_000)
    })

    test('is made of parts where an operator has parts', () => {
      const { endpoint } = rabbitmqOf({
        ASYA_RABBITMQ_HOST: 'broker',
        ASYA_RABBITMQ_USERNAME: 'ada',
        ASYA_RABBITMQ_PASSWORD_FILE: '/etc/secret/password',
        ASYA_RABBITMQ_TLS: 'true',
        ASYA_RABBITMQ_CA_FILE: '/etc/tls/ca.pem',
      })
      expect(endpoint).toMatchObject({ host: 'broker', port: 5671, vhost: '/', username: 'ada' })
      expect(endpoint.tls).toEqual({ caPath: '/etc/tls/ca.pem' })
    })

    test('takes the password of a file before that of a URL', async () => {
      const { endpoint } = rabbitmqOf({
        ASYA_RABBITMQ_URL: 'amqp://ada:lovelace@broker',
        ASYA_RABBITMQ_PASSWORD_FILE: '/nowhere/password',
      })
      await expect(endpoint.password.read()).rejects.toThrow('/nowhere/password')
    })

    test('never shows a secret, also when it is wrong', () => {
      const secret = 'amqp://ada:%ZZlovelace@broker'
      const problems = problemsOf({ ASYA_QUEUE_NAME: 'a', ASYA_RABBITMQ_URL: secret })
      expect(problems).toEqual([
        'ASYA_RABBITMQ_URL is a secret: expected amqp://user:password@host:port/vhost, or amqps://…',
      ])
    })

    test('is said once, and whole', () => {
      const problems = problemsOf({
        ASYA_QUEUE_NAME: 'a',
        ASYA_RABBITMQ_URL: 'amqp://broker',
        ASYA_RABBITMQ_HOST: 'other',
        ASYA_RABBITMQ_KEY_FILE: '/key.pem',
      })
      expect(problems).toEqual([
        'ASYA_RABBITMQ_URL and ASYA_RABBITMQ_HOST are both set: expected one of them',
        'ASYA_RABBITMQ_CERT_FILE and ASYA_RABBITMQ_KEY_FILE: expected both or none',
      ])
    })
  })
})
