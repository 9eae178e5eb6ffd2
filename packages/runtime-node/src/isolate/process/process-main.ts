import { shrinkHeapWhenIdle } from '../../shrink-heap.ts'
import { runHost } from '../host-link.ts'
import type { FromIsolate, IsolateStart, ToIsolate } from '../link.ts'

/** link → host → handler → host → link */
const start = JSON.parse(process.argv[2] ?? '') as IsolateStart

const post = (message: FromIsolate): void => {
  process.send?.(message)
}
process.on('uncaughtExceptionMonitor', (error: unknown) => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  post({ type: 'threw', name, message, stack })
})
// Signals are for the server, which ends this process when it has finished.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)

const ignore = (): void => undefined
void runHost(start, {
  post,
  listen: (receive) => {
    process.on('disconnect', () => process.exit(0))
    process.on('message', (message) => {
      receive(message as ToIsolate)
    })
  },
  // Nobody can look into another process.
  enter: ignore,
  leave: ignore,
}).then(shrinkHeapWhenIdle)
