import { fileURLToPath } from 'node:url'

export { findPython, type FoundPython, type Python } from './find-python.ts'

/**
 * The file to start with Python; it reads its configuration from the environment (ASYA_HANDLER, …).
 *
 * It is ready when it writes the JSON line whose `msg` is `serving` on stderr. Before that it exits
 * with 1 and one line that says why. Beside the folder of this module, built or not.
 */
export const runtimePythonPath = fileURLToPath(new URL('../asya.py', import.meta.url))
