import { parentPort, workerData } from 'node:worker_threads'
import { runHost } from '../host-link.ts'
import type { FromIsolate, ToIsolate } from '../link.ts'
import { Channel } from './channel.ts'
import type { ThreadStart } from './thread-isolate.ts'

/** link → host → handler → host → link */
const { start, rings, marker } = workerData as ThreadStart
const port = parentPort
if (!port) throw new Error('thread-main is started by the runtime, as a worker')

let receive = (_message: ToIsolate): void => undefined
const channel = new Channel<FromIsolate, ToIsolate>({
  out: rings.fromIsolate,
  in: rings.toIsolate,
  post: (message, transfer) => {
    port.postMessage(message, transfer)
  },
  wrap: (batch) => ({ type: 'run', batch }),
  receive: (message) => {
    receive(message)
  },
})

void runHost(start, {
  post: (message, transfer) => {
    channel.send(message, transfer)
  },
  listen: (listener) => {
    receive = listener
    port.on('message', (message) => {
      channel.receive(message as ToIsolate)
    })
    void channel.listen()
  },
  enter: (runId) => Atomics.store(marker, 0, runId),
  leave: () => Atomics.store(marker, 0, 0),
})
