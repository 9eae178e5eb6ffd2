/** What ends a command with a message for the person who typed it, and no stack. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
  readonly code: string = 'command_failed'
  readonly exitCode: number = EXIT.failed
}

/** The command was asked for something that there is not: nothing was done. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError'
  override readonly code = 'usage_error'
  override readonly exitCode = EXIT.usage
}

/** The project cannot be run as it is; the message shows every problem. */
export class ProjectError extends CommandError {
  override readonly name = 'ProjectError'
  override readonly code = 'project_error'
}

/** The dev run that a command spoke with is no more. */
export class DevEnded extends CommandError {
  override readonly name = 'DevEnded'
  override readonly code = 'dev_ended'
}

export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** For the person at the terminal: why a file cannot be used; undefined for any other error. */
function explainFileError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  const code = String(error.code)
  const why = FILE_ERRORS.get(code)
  if (why === undefined) return undefined
  const path = 'path' in error ? `${String(error.path)} cannot be used; ` : ''
  return `${path}${why} (${code})`
}

/** What the system says of files that are not as a command needs them, and the way out. */
const FILE_ERRORS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'it is not yours to use: change its permissions, or name another place'],
  ['EPERM', 'it is not yours to use: change its permissions, or name another place'],
  ['EROFS', 'nothing can be written there: name another place'],
  ['ENOSPC', 'the disk is full: make room'],
  ['EDQUOT', 'your part of the disk is full: make room'],
  ['EISDIR', 'a folder is where a file should be: move it away, or name another place'],
  ['ENOTDIR', 'a file is where a folder should be: move it away, or name another place'],
  ['EEXIST', 'a file is where a folder should be: move it away, or name another place'],
  ['ENAMETOOLONG', 'its name is too long: name another place'],
])

/** Why a command, or a part of it that others outlive, failed; a mistake of ours with its stack. */
export function explainError(error: unknown): string {
  if (error instanceof CommandError) return error.message
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return explainFileError(error) ?? `this is a mistake of asya itself\n${stack}`
}
