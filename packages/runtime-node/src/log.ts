import { formatIsoTime } from '@asya/service/iso-time'
import type { LogLevel } from './isolate/isolate.ts'

/**
 * One JSON object a line, on stderr: stdout is the author's. The lines are those of
 * `@asya/service/logger`, whose pino would cost this process 5 MiB beside every actor.
 */
export interface Log {
  /** Whether debug lines are written: what they say may be dear to find out. */
  readonly isDebug: boolean
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export type LogFields = Readonly<Record<string, unknown>>

/** An `import` of node:fs also loads its promises and streams: 2 MiB that are never used here. */
const { writeSync } = process.getBuiltinModule('node:fs')

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']
const STDERR = 2

export interface LogOptions {
  readonly level: LogLevel
  /** Fields of every line. */
  readonly fields: LogFields
  readonly write?: (line: string) => void
}

export function createLog({ level, fields: base, write = writeToStderr }: LogOptions): Log {
  const lowest = LEVELS.indexOf(level)
  const at =
    (name: Exclude<LogLevel, 'silent'>) =>
    (fields: LogFields, msg: string): void => {
      if (LEVELS.indexOf(name) < lowest) return
      const time = formatIsoTime(Date.now())
      write(`${JSON.stringify({ level: name, time, ...base, ...fields, msg })}\n`)
    }
  const isDebug = level === 'debug'
  return { isDebug, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** At once: a line should survive the crash that it announces. */
function writeToStderr(line: string): void {
  try {
    writeSync(STDERR, line)
  } catch {
    // A full pipe that does not block (EAGAIN): Node's own stream waits for it.
    process.stderr.write(line)
  }
}
