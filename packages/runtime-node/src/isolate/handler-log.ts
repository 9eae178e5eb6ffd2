import type { LogLevel, LogLine } from './isolate.ts'

type Level = LogLine['level']

/** `ctx.log`: fields first, or a message alone. Logging never fails a handler. */
export type HandlerLog = Readonly<Record<Level, (first: object | string, message?: string) => void>>

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** The levels from `lowest` on. */
export function levelsFrom(lowest: LogLevel): ReadonlySet<Level> {
  return new Set(lowest === 'silent' ? [] : LEVELS.slice(LEVELS.indexOf(lowest)))
}

/** Makes the log of one run: its lines name the message and the job. */
export function createHandlerLog(
  ids: Readonly<Record<string, string | undefined>>,
  levels: ReadonlySet<Level>,
  write: (line: LogLine) => void,
): HandlerLog {
  const at =
    (level: Level) =>
    (first: object | string, message = ''): void => {
      if (!levels.has(level)) return
      if (typeof first === 'string') write({ level, message: first, fields: toJsonText({}, ids) })
      else write({ level, message, fields: toJsonText(first, ids) })
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function toJsonText(fields: object, ids: object): string {
  try {
    return JSON.stringify({ ...fields, ...ids }, toWritable)
  } catch {
    // A cycle, or a getter that throws. (An `import` of node:util would load much more than this.)
    const { inspect } = process.getBuiltinModule('node:util')
    return JSON.stringify({ fields: inspect(fields, { depth: 3 }), ...ids })
  }
}

function toWritable(_name: string, value: unknown): unknown {
  if (value instanceof Error)
    return { name: value.name, message: value.message, stack: value.stack, cause: value.cause }
  return typeof value === 'bigint' ? value.toString() : value
}
