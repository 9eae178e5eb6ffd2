import { CommandError, EXIT } from './errors.ts'
import { showDuration } from './view/duration.ts'

/** The user, or the system, asked the command to end. */
class Interrupted extends CommandError {
  override readonly name = 'Interrupted'
  override readonly code = 'interrupted'
  override readonly exitCode = EXIT.interrupted
}

/** What asks a command to end before it is done. */
export interface Interrupt {
  /** Its reason is a CommandError that says why. */
  readonly signal: AbortSignal
  /** What a signal does, for a key that means the same. */
  request(): void
  /** From now on there is so much time. */
  limit(timeoutMs: number): void
  stop(): void
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * From now on Ctrl-C, a SIGTERM and the end of the terminal abort the signal; whoever holds it
 * cleans up and ends. A second Ctrl-C ends the process at once.
 */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController()
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort(new Interrupted(signal === 'SIGINT' ? 'cancelled' : `ended by ${signal}`))
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  let timer: NodeJS.Timeout | undefined
  return {
    signal: controller.signal,
    request: () => {
      onSignal('SIGINT')
    },
    limit: (timeoutMs) => {
      timer = setTimeout(() => {
        const waited = showDuration(timeoutMs)
        controller.abort(new CommandError(`not done within ${waited}: cancelled`))
      }, timeoutMs)
    },
    stop: () => {
      clearTimeout(timer)
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}

export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => {
      resolve()
    })
  })
}
