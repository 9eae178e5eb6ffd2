import { parentPort, workerData } from 'node:worker_threads'
import { runHost } from '../host-link.ts'
import type { ToIsolate } from '../link.ts'
import type { ThreadStart } from './thread-isolate.ts'

/** link → host → handler → host → link */
const { start, marker } = workerData as ThreadStart
const port = parentPort
if (!port) throw new Error('thread-main is started by the runtime, as a worker')

void runHost(start, {
  post: (message, transfer) => {
    port.postMessage(message, transfer)
  },
  listen: (receive) => {
    port.on('message', (message) => {
      receive(message as ToIsolate)
    })
  },
  enter: (runId) => Atomics.store(marker, 0, runId),
  leave: () => Atomics.store(marker, 0, 0),
})
