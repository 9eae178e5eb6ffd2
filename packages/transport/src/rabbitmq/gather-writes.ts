import { Duplex } from 'node:stream'
import type { ChannelModel } from 'amqplib'

/**
 * The client writes every message to its socket on its own, and each of these is a call of the kernel:
 * with many small messages they are the largest part of the work. The returned function has the socket
 * keep back what is written until the client has written all of this turn of the event loop.
 */
export function gatherWrites(model: ChannelModel): () => void {
  const socket = findSocket(model)
  if (!socket) return () => undefined
  let isGathering = false
  const release = (): void => {
    isGathering = false
    socket.uncork()
  }
  return () => {
    if (isGathering) return
    isGathering = true
    socket.cork()
    // The client plans its write, for the next phase of immediates, two ticks after it is asked for.
    process.nextTick(() => process.nextTick(() => setImmediate(release)))
  }
}

/** The types of the client do not show it; where it is not found, nothing is gathered. */
function findSocket({ connection }: ChannelModel): Duplex | undefined {
  const stream = 'stream' in connection ? connection.stream : undefined
  return stream instanceof Duplex ? stream : undefined
}
