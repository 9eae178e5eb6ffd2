/** A thread of its own, started by ModelReader: holds the compiler, and reads when it is asked. */
import { enableCompileCache, flushCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { ReadAnswer, ReadRequest } from './model-reader.ts'

// A thread does not inherit the cache of the process, and only what is imported after this is kept.
enableCompileCache()
const { openProject } = await import('@asya/compiler')
const { readProject } = await import('./read-project.ts')

const port = parentPort
if (!port) throw new Error('model-reader-main is started by ModelReader, as a worker')
const projectDir = workerData as string
const reader = openProject({ projectDir })
let isFirst = true

port.on('message', ({ id }: ReadRequest) => {
  port.postMessage(answer(id))
  // It will be terminated, and would leave nothing; by now all that a read needs is compiled.
  if (isFirst) flushCompileCache()
  isFirst = false
})

function answer(id: number): ReadAnswer {
  try {
    return { id, read: readProject(reader, projectDir) }
  } catch (error) {
    return { id, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
