/**
 * How long a broker lets a delivery be unsettled. When it is longer, the broker takes the message
 * back while its handler still runs, and the work is done twice.
 */
export type TimeoutPlan =
  /** The broker's own timeout is long enough. */
  | { readonly type: 'fits' }
  /** Ask for more where this broker can be asked: with the queue (since 3.12), with the consumer (since 4.3). */
  | { readonly type: 'ask'; readonly where: 'queue' | 'consumer'; readonly timeoutMs: number }
  | { readonly type: 'refused'; readonly reason: string }

interface Facts {
  /** The longest that a delivery may stay unsettled. */
  readonly holdMs: number
  readonly consumerTimeoutMs: number
  /** As the broker says it: `3.13.7`. */
  readonly version: string
}

export function planConsumerTimeout({ holdMs, consumerTimeoutMs, version }: Facts): TimeoutPlan {
  if (holdMs <= consumerTimeoutMs) return { type: 'fits' }
  const timeoutMs = Math.ceil(holdMs)
  if (isAtLeast(version, 4, 3)) return { type: 'ask', where: 'consumer', timeoutMs }
  if (isAtLeast(version, 3, 12)) return { type: 'ask', where: 'queue', timeoutMs }
  const minutes = (ms: number): string => `${Math.ceil(ms / 60_000)} minutes`
  return {
    type: 'refused',
    reason:
      `A message of this actor may take ${minutes(holdMs)}, and RabbitMQ ${version} takes it back ` +
      `after ${minutes(consumerTimeoutMs)}. Raise consumer_timeout in its rabbitmq.conf to ` +
      `${timeoutMs} or more and say so with ASYA_RABBITMQ_CONSUMER_TIMEOUT, or lower the actor's ` +
      'timeout (ASYA_RUNTIME_TIMEOUT), or use RabbitMQ 3.12 or newer',
  }
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [foundMajor = 0, foundMinor = 0] = version.split('.').map(Number)
  return foundMajor > major || (foundMajor === major && foundMinor >= minor)
}
