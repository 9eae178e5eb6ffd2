import { DevClient, findDevClient } from '../client/dev-client.ts'
import { SELF, type LogLine } from '../dev/log-book.ts'
import { formatLogLine } from '../view/log-text.ts'
import type { Paint } from '../view/paint.ts'
import type { JobProgressView } from './job-progress.ts'

/** A dev run to call: the one that runs in the project, or one that is there for this call alone. */
export interface Connection {
  readonly client: DevClient
  /** From now on, shows what only this terminal will show: warnings, and what handlers print. */
  showLogs(view: JobProgressView): void
  close(): Promise<void>
}

export interface ConnectionOptions {
  readonly projectDir: string
  readonly signal: AbortSignal
  readonly paint: Paint
  /** A run of its own, on a real broker. */
  readonly isOnRabbitmq: boolean
}

/** Finds or starts a dev run. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { projectDir, signal, paint, isOnRabbitmq } = options
  const client = isOnRabbitmq ? undefined : await findDevClient(projectDir)
  if (client) return { client, showLogs: () => undefined, close: () => Promise.resolve() }
  const say = (line: string): void => void process.stderr.write(`${paint('dim', line)}\n`)
  say(`starting ${projectDir} …`)
  // Loaded only when it is needed: to call a dev run that is there takes a fraction of the time.
  const { DevRun } = await import('../dev/dev-run.ts')
  const run = new DevRun({ projectDir, mode: 'call', isOnRabbitmq, say, signal })
  await run.start()
  let stopShowing = (): void => undefined
  return {
    client: new DevClient(run.url),
    showLogs: (view) => {
      const show = (line: LogLine): void => {
        if (isForCaller(line)) view.print(formatLogLine(line, paint))
      }
      for (const line of run.logs.list()) show(line)
      stopShowing = run.logs.follow(show)
    },
    close: () => {
      // How everything ends is of no interest to who has the result.
      stopShowing()
      return run.close(0)
    },
  }
}

/** Structured lines are for a log; what is printed plainly is for whoever looks on. */
function isForCaller({ source, fields, level }: LogLine): boolean {
  return source !== SELF && (fields === undefined || level === 'warn' || level === 'error')
}
