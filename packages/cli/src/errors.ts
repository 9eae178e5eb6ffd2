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
