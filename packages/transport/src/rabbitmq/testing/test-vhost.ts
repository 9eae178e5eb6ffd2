import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { addVhost, type BrokerHandle } from '../broker/index.ts'
import { parseRabbitmqUrl, type Endpoint } from '../endpoint.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    rabbitmq: BrokerHandle
  }
}

/** A place on the shared broker that is nobody else's. */
export interface TestVhost {
  readonly handle: BrokerHandle
  readonly name: string
  readonly url: string
  readonly endpoint: Endpoint
  /** The exchange to use: on a broker that is not ours it is what keeps us apart. */
  readonly exchange: string
}

/**
 * A virtual host of its own for a test file, which ends with the broker; on somebody else's broker, the
 * one that was given.
 */
export async function openTestVhost(): Promise<TestVhost> {
  const handle = inject('rabbitmq')
  const name = `test-${randomBytes(6).toString('hex')}`
  const isOurs = handle.ctl !== undefined
  const url = isOurs ? await addVhost(handle, name) : handle.url
  return {
    handle,
    name,
    url,
    endpoint: toEndpoint(url),
    exchange: isOurs ? 'asya' : name,
  }
}

export function toEndpoint(url: string): Endpoint {
  const endpoint = parseRabbitmqUrl(url)
  if (!endpoint) throw new Error('The URL of the broker is none')
  return endpoint
}
