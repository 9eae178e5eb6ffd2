import { toPlainText } from '../view/plain-text.ts'

/** From the least important to the most. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

/** The source of what the dev run itself says. */
export const SELF = 'asya'

/** A line that an actor, a sidecar or the dev run itself said. */
export interface LogLine {
  /** Counts up from 1. */
  readonly number: number
  readonly timeMs: number
  /** The actor, or SELF. */
  readonly source: string
  readonly level: LogLevel
  readonly text: string
  /** What a structured line said beside its text; absent when the line was just text. */
  readonly fields?: Readonly<Record<string, unknown>>
}

export type NewLogLine = Omit<LogLine, 'number' | 'timeMs'>

const MAX_LINES = 5_000

/** The last lines of a dev run, and whoever follows them. */
export class LogBook {
  readonly #lines: LogLine[] = []
  readonly #followers = new Set<(line: LogLine) => void>()
  #count = 0

  add(said: NewLogLine): void {
    this.#count++
    const line = { number: this.#count, timeMs: Date.now(), ...said }
    this.#lines.push(line)
    if (this.#lines.length > MAX_LINES) this.#lines.shift()
    for (const tell of this.#followers) tell(line)
  }

  /** Adds what the dev run itself has to say. */
  say(level: LogLevel, text: string): void {
    this.add({ source: SELF, level, text, fields: {} })
  }

  list(): readonly LogLine[] {
    return this.#lines
  }

  /** Calls `tell` for every line from now on, until the returned function is called. */
  follow(tell: (line: LogLine) => void): () => void {
    this.#followers.add(tell)
    return () => {
      this.#followers.delete(tell)
    }
  }
}

const LEVEL_NAMES: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
}

/** What every structured line carries and nobody needs to see again. */
const ENVELOPE: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'actor', 'pid', 'hostname'])

/** Reads a line of a runtime or sidecar: a JSON object with `msg`, or any text. */
export function readLogLine(source: string, line: string): NewLogLine {
  const parsed = parseObject(line)
  if (typeof parsed?.['msg'] !== 'string') return { source, level: 'info', text: toPlainText(line) }
  const fields = Object.entries(parsed).filter(([name]) => !ENVELOPE.has(name))
  return {
    source,
    level: LEVEL_NAMES[String(parsed['level'])] ?? 'info',
    text: toPlainText(parsed['msg']),
    fields: Object.fromEntries(fields),
  }
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    // Anything but an object would not begin with a brace.
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
