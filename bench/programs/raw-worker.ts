/**
 * The raw baseline on RabbitMQ: consume → publish (confirm, mandatory) → acknowledge, with the bare
 * client and nothing in between. Passes each message from one queue to the next.
 *
 * Arguments: URL, prefetch, queues in order; the last one is only published to.
 */
import { connect } from 'amqplib'
import { declareActorQueue, DEFAULT_NAMING } from '@asya/protocol'

const [url = '', prefetch = '1', ...queues] = process.argv.slice(2)
const options = { noDelay: true }
const publisher = await (await connect(url, options)).createConfirmChannel()
const consuming = await connect(url, options)

for (const [index, queue] of queues.slice(0, -1).entries()) {
  const next = queues[index + 1] ?? ''
  const { name, arguments: settings, source, bindingKey } = declareActorQueue(queue, DEFAULT_NAMING)
  const channel = await consuming.createChannel()
  await channel.assertExchange(source.exchange, source.type)
  await channel.assertQueue(name, { arguments: settings })
  await channel.bindQueue(name, source.exchange, bindingKey)
  await channel.prefetch(Number(prefetch))
  await channel.consume(name, (message) => {
    if (!message) return
    const properties = { mandatory: true, persistent: true, messageId: 'bench' }
    publisher.publish(source.exchange, next, message.content, properties, (error: unknown) => {
      if (error === null) channel.ack(message)
    })
  })
}
process.stderr.write('consuming\n')
