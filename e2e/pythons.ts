import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { findPython, type Python } from '@asya/runtime-python'

/** The interpreters that pyenv has put on this machine. */
function findPyenv(): readonly string[] {
  const folder = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((version) => join(folder, version, 'bin/python'))
}

const main = findPython({ directory: '.', wanted: process.env['ASYA_PYTHON'] })
if (!main.ok) console.warn(`SKIPPED: all tests of the Python runtime; ${main.reason}`)

/** The interpreter of the tests; undefined, after one clear line, when there is none. */
export const python: Python | undefined = main.ok ? main.python : undefined

/** Other versions of Python that happen to be here, from 3.8 on. */
export const otherPythons: readonly Python[] = findPyenv()
  .map((wanted) => findPython({ directory: '.', wanted }))
  .flatMap((found) => (found.ok ? [found.python] : []))
  .filter(({ version }) => version !== python?.version)

/** One that has pydantic: this one, or the environment of `npm run check -- python`. */
export function findPythonWithPydantic(): Python | undefined {
  const checker = findPython({
    directory: '.',
    wanted: resolve('node_modules/.asya-python/bin/python'),
  })
  const all = [...(python ? [python] : []), ...(checker.ok ? [checker.python] : [])]
  return all.find(({ command }) => spawnSync(command, ['-c', 'import pydantic']).status === 0)
}
