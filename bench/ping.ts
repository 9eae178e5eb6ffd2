import net from 'node:net'
import { encodeFrame, FrameReader } from '@asya/protocol'

/**
 * Sends a frame on each of `connections` connections, and the next as soon as its answer is there;
 * round trips per second over `forMs`.
 */
export async function pingRate(
  socketPath: string,
  options: { readonly body: Uint8Array; readonly connections: number; readonly forMs: number },
): Promise<number> {
  const frame = encodeFrame(options.body)
  const sockets = await Promise.all(
    Array.from({ length: options.connections }, () => connect(socketPath)),
  )
  let answers = 0
  for (const socket of sockets) {
    const reader = new FrameReader()
    socket.on('data', (chunk: Buffer) => {
      for (const event of reader.push(chunk)) {
        if (event.type !== 'frame') throw new Error('the answer is too large')
        answers++
        socket.write(frame)
      }
    })
    socket.write(frame)
  }
  const startedAt = performance.now()
  await new Promise((resolve) => setTimeout(resolve, options.forMs))
  const rate = (answers * 1_000) / (performance.now() - startedAt)
  for (const socket of sockets) socket.destroy()
  return rate
}

function connect(socketPath: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: socketPath })
    socket.once('connect', () => {
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
