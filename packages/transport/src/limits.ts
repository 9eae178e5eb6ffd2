import { isStepName } from '@asya/protocol'
import { TransportError, type Outgoing } from './transport.ts'

/** What every implementation takes: one rule, so that a pipeline behaves alike on all of them. */

/** AMQP counts the prefetch in 16 bits, and its 0 means "without limit", which T4 forbids. */
const MAX_PREFETCH = 65_535

/** Why a body will never be taken as it is; undefined when it may be. */
export function explainRefusal(outgoing: Outgoing, maxBodyBytes: number): string | undefined {
  const bytes = outgoing.body.byteLength
  if (bytes > maxBodyBytes) {
    return `The body has ${bytes} bytes, and the queue system takes ${maxBodyBytes} at most`
  }
  if (!isStepName(outgoing.queue)) return explainName(outgoing.queue)
  return undefined
}

/** Throws a TransportError when no queue can have this name. */
export function assertQueueName(queue: string): void {
  if (!isStepName(queue)) throw new TransportError(explainName(queue))
}

/** Throws a TransportError when no queue can be consumed like this. */
export function assertConsumable(queue: string, prefetch: number): void {
  assertQueueName(queue)
  if (!Number.isInteger(prefetch) || prefetch < 1 || prefetch > MAX_PREFETCH) {
    throw new TransportError(
      `The prefetch of queue "${queue}" is ${prefetch}: it must be 1 to ${MAX_PREFETCH}`,
    )
  }
}

function explainName(queue: string): string {
  return (
    `No queue can be named ${JSON.stringify(queue)}: a name is 1 to 200 letters, digits, ".", ` +
    '"_" and "-", and begins with a letter or digit'
  )
}
