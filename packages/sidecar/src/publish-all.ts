import { setTimeout as sleep } from 'node:timers/promises'
import { encodeMessage, toUnroutable } from '@asya/protocol'
import type { Publication, Station } from '@asya/protocol'
import type { Delivery, Outgoing, PublishResult, Transport } from '@asya/transport'

/**
 * Publishes what a message led to (S1, S2). An answer of `safe` means that every publication is
 * confirmed, as itself or, where its queue does not exist, at `error-end`.
 */

export type PublishedAll =
  | { readonly type: 'safe'; readonly unroutable: readonly Publication[] }
  /** One cannot be taken as it is; others may be out already (their ids are the same next time). */
  | { readonly type: 'refused'; readonly publication: Publication; readonly reason: string }
  /** Not everything is safe: the delivery must come again. */
  | { readonly type: 'failed'; readonly reason: string }

export interface PublishAllOptions {
  readonly transport: Transport
  readonly station: Station
  /** Aborted when the sidecar has no more time: gives up waiting. */
  readonly signal: AbortSignal
  /** How long a missing queue or a failing transport is waited for (S2: 30 s). */
  readonly patienceMs: number
}

/** A message at `error-end` is the original with its error: leave room for that. */
const ERROR_ROOM_BYTES = 64 * 1024

const FIRST_WAIT_MS = 50
const LAST_WAIT_MS = 2_000

/** A publication on its way, and the delivery that led to it. */
interface Letter {
  readonly publication: Publication
  readonly outgoing: Outgoing
  readonly delivery: Source
}

/** Once it is lost its message comes again anyway: each copy more is a duplicate more. */
type Source = Pick<Delivery, 'isLost'>

export async function publishAll(
  publications: readonly Publication[],
  delivery: Source,
  options: PublishAllOptions,
): Promise<PublishedAll> {
  const { station, transport } = options
  const letters = publications.map((publication): Letter => {
    return { publication, outgoing: encode(publication), delivery }
  })
  for (const { publication, outgoing } of letters) {
    // Before anything is out, so that a fan-out with one output too large is all or nothing.
    const room = publication.queue === station.errorEnd ? 0 : ERROR_ROOM_BYTES
    const limit = transport.maxBodyBytes - room
    if (outgoing.body.length > limit) {
      const reason = `${String(outgoing.body.length)} bytes; a message has at most ${String(limit)}`
      return { type: 'refused', publication, reason }
    }
  }
  const pending = letters.map((letter) => publishOne(letter, options))
  let unsafe: Unsafe | undefined
  const unroutable: Publication[] = []
  for (const published of pending) {
    const result = await published
    if (result.type === 'unroutable') unroutable.push(result.publication)
    else if (result.type !== 'confirmed') unsafe ??= result
  }
  return unsafe ?? { type: 'safe', unroutable }
}

function encode(publication: Publication): Outgoing {
  const { queue, message, delayMs } = publication
  return {
    queue,
    body: encodeMessage(message),
    messageId: message.id ?? '',
    ...(delayMs === undefined ? {} : { delayMs }),
  }
}

type Unsafe = Exclude<PublishedAll, { readonly type: 'safe' }>

type Published =
  | { readonly type: 'confirmed' }
  | { readonly type: 'unroutable'; readonly publication: Publication }
  | Unsafe

async function publishOne(letter: Letter, options: PublishAllOptions): Promise<Published> {
  const { publication, outgoing } = letter
  const { station } = options
  const result = await publishPatiently(letter, options)
  switch (result.type) {
    case 'confirmed':
      return result
    case 'refused':
      return { ...result, publication }
    case 'failed':
      return result
    case 'unroutable': {
      const isEnd = outgoing.queue === station.errorEnd || outgoing.queue === station.queue
      if (isEnd) return { type: 'failed', reason: `there is no queue ${outgoing.queue}` }
      const instead = encode(toUnroutable(station, publication))
      const second = await publishPatiently({ ...letter, outgoing: instead }, options)
      if (second.type === 'confirmed') return { type: 'unroutable', publication }
      const reason = second.type === 'unroutable' ? 'no such queue' : second.reason
      return { type: 'failed', reason: `${instead.queue}: ${reason}` }
    }
  }
}

const LOST: PublishResult = { type: 'failed', reason: 'the delivery is lost, and comes again' }

/** Publishes until it is confirmed or refused, or patience is at its end. */
async function publishPatiently(
  { outgoing, delivery }: Letter,
  options: PublishAllOptions,
): Promise<PublishResult> {
  const { transport, signal, patienceMs } = options
  const endsAt = performance.now() + patienceMs
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LAST_WAIT_MS)) {
    if (delivery.isLost) return LOST
    const result = await transport.publish(outgoing)
    if (result.type === 'confirmed' || result.type === 'refused') return result
    if (signal.aborted || performance.now() + waitMs > endsAt) return result
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  }
}
