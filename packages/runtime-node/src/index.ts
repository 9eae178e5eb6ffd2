import { fileURLToPath } from 'node:url'
import { entryUrl } from './entries.ts'

/**
 * The file to start with Node; it reads its configuration from the environment (ASYA_HANDLER, …).
 *
 * It is ready when it writes the JSON line whose `msg` is READY on stderr; with an IPC channel it
 * also sends `{ type: 'ready' }`. Before that it exits with 1 and one line that says why.
 */
export const runtimeMainPath = fileURLToPath(entryUrl('main'))

export const READY = 'serving'
