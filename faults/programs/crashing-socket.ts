import net from 'node:net'
import { endNow, type CrashPoints } from './crash-points.ts'

/**
 * Stands between the sidecar and its runtime, in the sidecar's own process, and ends it before a
 * request, in the middle of one, or in the middle of a reply. Resolves with the path to connect to.
 */
export async function openCrashingSocket(socketPath: string, points: CrashPoints): Promise<string> {
  const path = `${socketPath}.${process.pid}`
  const server = net.createServer((sidecar) => {
    const runtime = net.connect({ path: socketPath })
    for (const socket of [sidecar, runtime]) socket.on('error', () => undefined)
    sidecar.on('close', () => runtime.destroy())
    runtime.on('close', () => sidecar.destroy())
    sidecar.on('data', (request) => {
      points.reach('before-call')
      if (points.isNow('mid-write')) writeHalf(runtime, request)
      else runtime.write(request)
    })
    runtime.on('data', (reply) => {
      if (points.isNow('mid-read')) writeHalf(sidecar, reply)
      else sidecar.write(reply)
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  server.unref()
  return path
}

function writeHalf(socket: net.Socket, bytes: Buffer): void {
  socket.write(bytes.subarray(0, bytes.length / 2), () => setImmediate(endNow))
}
