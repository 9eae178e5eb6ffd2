import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** An interpreter that can serve actors. */
export interface Python {
  /** What to start: a path, or a name on the PATH. */
  readonly command: string
  /** Such as `3.12.1`. */
  readonly version: string
}

export type FoundPython =
  | { readonly ok: true; readonly python: Python }
  /** `reason` is one line that says what was tried and what to do. */
  | { readonly ok: false; readonly reason: string }

export interface WhereToLook {
  /** The project's folder: its virtual environment goes before other interpreters. */
  readonly directory: string
  /** `ASYA_PYTHON`: the one that the user wants, and no other. */
  readonly wanted?: string | undefined
}

const OLDEST: readonly [number, number] = [3, 8]
const PRINT_VERSION = 'import sys; print("%d.%d.%d" % sys.version_info[:3])'

/**
 * Finds the interpreter of a project: `ASYA_PYTHON`; else the virtual environment in `.venv` or
 * `venv` of the project; else `python3` or `python` on the PATH. At least Python 3.8.
 */
export function findPython({ directory, wanted }: WhereToLook): FoundPython {
  if (wanted !== undefined && wanted !== '') {
    const version = askVersion(wanted)
    if (version === undefined) return refuse(`ASYA_PYTHON is ${wanted}, which does not run`)
    if (isTooOld(version)) return refuse(`ASYA_PYTHON is ${wanted}, which is Python ${version}`)
    return { ok: true, python: { command: wanted, version } }
  }
  const inProject = ['.venv', 'venv']
    .map((folder) => join(directory, folder, 'bin', 'python'))
    .filter((path) => existsSync(path))
  const tooOld: string[] = []
  for (const command of [...inProject, 'python3', 'python']) {
    const version = askVersion(command)
    if (version === undefined) continue
    if (!isTooOld(version)) return { ok: true, python: { command, version } }
    tooOld.push(`${command} is Python ${version}`)
  }
  return refuse(tooOld.length > 0 ? tooOld.join(', ') : 'there is no python3 on the PATH')
}

function refuse(what: string): FoundPython {
  const fix = `install Python ${OLDEST.join('.')} or later, or name one in ASYA_PYTHON`
  return { ok: false, reason: `${what}: ${fix}` }
}

/** The version of an interpreter; undefined when it does not run. */
function askVersion(command: string): string | undefined {
  const { status, stdout } = spawnSync(command, ['-c', PRINT_VERSION], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}
