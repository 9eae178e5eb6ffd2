import type { Channel, ChannelModel } from 'amqplib'
import type { QueueDeclaration } from '@asya/protocol'

/** Declares a queue, what feeds it, and the way between. Repeating it changes nothing. */
export async function declareQueue(
  channel: Channel,
  { name, arguments: settings, source, bindingKey }: QueueDeclaration,
): Promise<void> {
  await channel.assertExchange(source.exchange, source.type, { durable: true })
  await channel.assertQueue(name, { durable: true, arguments: settings })
  await channel.bindQueue(name, source.exchange, bindingKey)
}

/** Makes sure of the way to a queue that is there: somebody may have removed exchange or binding. */
export async function mendBinding(
  channel: Channel,
  { name, source, bindingKey }: QueueDeclaration,
): Promise<void> {
  await channel.assertExchange(source.exchange, source.type, { durable: true })
  await channel.bindQueue(name, source.exchange, bindingKey)
}

/** Works on a channel of its own, so that what the broker refuses there ends no other channel. */
export async function onOwnChannel<T>(
  model: ChannelModel,
  work: (channel: Channel) => Promise<T>,
): Promise<T> {
  const channel = await model.createChannel()
  // A channel without a listener takes the whole connection with it.
  channel.on('error', () => undefined)
  const result = await work(channel)
  await channel.close()
  return result
}
