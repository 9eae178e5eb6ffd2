/** A thread of its own, started by ModelReader: holds the compiler, and reads when it is asked. */
import { parentPort, workerData } from 'node:worker_threads'
import { openProject } from '@asya/compiler'
import type { ReadAnswer, ReadRequest } from './model-reader.ts'
import { readProject } from './read-project.ts'

const port = parentPort
if (!port) throw new Error('model-reader-main is started by ModelReader, as a worker')
const projectDir = workerData as string
const reader = openProject({ projectDir })

port.on('message', ({ id }: ReadRequest) => {
  port.postMessage(answer(id))
})

function answer(id: number): ReadAnswer {
  try {
    return { id, read: readProject(reader, projectDir) }
  } catch (error) {
    return { id, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
