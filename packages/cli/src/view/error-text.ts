import { bytesToText } from '@asya/protocol'
import { showId, type KeptError } from '../dev/kept-errors.ts'
import { formatJson } from '../json/format-json.ts'
import { readJson, type JsonTree } from '../json/json-tree.ts'
import { formatTime } from './log-text.ts'
import { count } from './model-text.ts'
import type { Paint } from './paint.ts'
import { toPlainText } from './plain-text.ts'
import { formatTable } from './table.ts'

const DEFAULT_COLUMNS = 100

/** The errors as a table, or one line that there are none. */
export function formatErrors(
  kept: readonly KeptError[],
  paint: Paint,
  widthColumns = DEFAULT_COLUMNS,
): string[] {
  if (kept.length === 0) return ['no message has failed']
  const rows = kept.map(({ id, jobId, keptAtMs, error }) =>
    toTree({
      id: showId(id),
      ...(jobId === undefined || jobId === id ? {} : { job: jobId }),
      when: showWhen(keptAtMs),
      step: error.step,
      type: error.type,
      message: error.message.split('\n', 1)[0],
    }),
  )
  return formatTable(rows, { paint, widthColumns })
}

/** One error with all that is known of it. */
export function formatError(kept: KeptError, paint: Paint): string {
  const { error, message } = kept
  const payload = readJson(bytesToText(message.payload))
  const shown = payload.ok
    ? formatJson(payload.tree, { paint, widthColumns: DEFAULT_COLUMNS })
    : toPlainText(bytesToText(message.payload))
  const steps = message.route.steps.map((step, index) =>
    index === message.route.current ? paint('red', `[${step}]`) : step,
  )
  const name = error.exception === undefined ? '' : `${error.exception}: `
  const facts: (readonly [string, string])[] = [
    ['id', showId(kept.id)],
    ...(kept.jobId === undefined ? [] : [['job', kept.jobId] as const]),
    ['failed', `${showWhen(kept.keptAtMs)}, after ${count(error.attempts, 'attempt')}`],
    ['at', steps.join(' → ')],
    ['type', error.type],
    ['message', `${name}${error.message}`],
    ['payload', shown],
    ...(error.traceback === undefined ? [] : [['stack', error.traceback] as const]),
  ]
  return facts.map(([label, text]) => formatFact(label, text, paint)).join('\n')
}

const LABEL_COLUMNS = 9

/** Further lines of a text stand under its first. */
function formatFact(label: string, text: string, paint: Paint): string {
  const [first = '', ...rest] = text.split('\n')
  const head = `${paint('dim', label.padEnd(LABEL_COLUMNS))}${first}`
  return [head, ...rest.map((line) => ' '.repeat(LABEL_COLUMNS) + line)].join('\n')
}

/** The time of today, the date of another day. */
function showWhen(timeMs: number): string {
  const time = new Date(timeMs)
  const isToday = time.toDateString() === new Date().toDateString()
  return isToday ? formatTime(timeMs) : `${time.toISOString().slice(0, 10)} ${formatTime(timeMs)}`
}

function toTree(row: unknown): JsonTree {
  const reading = readJson(JSON.stringify(row))
  return reading.ok ? reading.tree : { kind: 'scalar', text: 'null' }
}
