import type { Delivery, Outgoing, Transport } from '../../transport.ts'

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Waits until a condition holds; rejects after `withinMs`, and says what was missing. */
export async function eventually(
  what: string,
  condition: () => boolean,
  withinMs = 20_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > endsAt) throw new Error(`still missing: ${what}`)
    await sleep(5)
  }
}

/** Consumes a queue and keeps the texts of what came; acknowledges all of it, unless told otherwise. */
export async function collect(
  transport: Transport,
  queue: string,
  onDelivery: (delivery: Delivery) => void = (delivery) => delivery.settle('acknowledge'),
): Promise<{ readonly texts: string[]; close(): Promise<void> }> {
  const texts: string[] = []
  const consumer = await transport.consume(queue, {
    prefetch: 100,
    onDelivery: (delivery) => {
      texts.push(Buffer.from(delivery.body).toString())
      onDelivery(delivery)
    },
  })
  return { texts, close: () => consumer.close() }
}

export function outgoing(queue: string, text: string): Outgoing {
  return { queue, body: Buffer.from(text), messageId: text }
}
