import { connect } from 'amqplib'

/**
 * What the system must not be: publishes without waiting for a confirm, then acknowledges. Takes a
 * queue to read from and one to write to; prints how many it has moved.
 */
const [url = '', source = '', target = ''] = process.argv.slice(2)
const model = await connect(`${url}?heartbeat=0`, { noDelay: true })
const channel = await model.createChannel()
await channel.prefetch(50)
let moved = 0
await channel.consume(source, (delivery) => {
  if (!delivery) return
  channel.sendToQueue(target, delivery.content, { persistent: true })
  channel.ack(delivery)
  moved += 1
  if (moved % 100 === 0) process.stdout.write(`${moved}\n`)
})
process.stdout.write('moving\n')
model.on('close', () => process.exit(1))
model.on('error', () => undefined)
