import pino, { type Logger } from 'pino'
import { formatIsoTime } from './iso-time.ts'

export type { Logger } from 'pino'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface LoggerOptions {
  readonly level: LogLevel
  /** Fields of every line, such as `actor`. */
  readonly fields?: Readonly<Record<string, string>>
  /** File descriptor: 1 by default; 2 where stdout belongs to somebody else. */
  readonly fd?: 1 | 2
  /** Takes the lines, each with its line break, in place of a file descriptor. */
  readonly write?: (line: string) => void
}

/** A logger that writes one JSON object a line, at once: a line survives the crash it announces. */
export function createLogger(options: LoggerOptions): Logger {
  const { write, fd = 1 } = options
  const destination = write ? { write } : pino.destination({ fd, sync: true })
  return pino(
    {
      level: options.level,
      base: options.fields ?? {},
      timestamp: () => `,"time":"${formatIsoTime(Date.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
}

/** A logger that says nothing: for tests and embedded use. */
export function createSilentLogger(): Logger {
  return pino({ level: 'silent' })
}
