import type { LogLine } from '../dev/log-book.ts'
import type { Paint, Style } from './paint.ts'
import { toPlainText } from './plain-text.ts'

const STYLES: Readonly<Record<LogLine['level'], Style | undefined>> = {
  debug: 'dim',
  info: undefined,
  warn: 'yellow',
  error: 'red',
}

type Said = Pick<LogLine, 'source' | 'level' | 'text'> & {
  readonly fields?: LogLine['fields'] | undefined
}

/** `extract  page read path=pages/a.png` */
export function formatLogLine(line: Said, paint: Paint): string {
  const style = STYLES[line.level]
  const text = style ? paint(style, line.text) : line.text
  const fields = Object.entries(line.fields ?? {}).map(
    ([name, value]) => `${name}=${toPlainText(showValue(value))}`,
  )
  const rest = fields.length > 0 ? ` ${paint('dim', fields.join(' '))}` : ''
  return `${paint('cyan', line.source)}  ${text}${rest}`
}

function showValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)
}

/** The time of day: `12:03:04`. */
export function formatTime(timeMs: number): string {
  const time = new Date(timeMs)
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
