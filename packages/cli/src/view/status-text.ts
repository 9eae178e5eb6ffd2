import type { ActorSummary } from '../cluster/actor-summary.ts'
import type { QueueDepth } from '../cluster/queue-depth.ts'
import type { Paint } from './paint.ts'
import { cutText, padText, toPlainText } from './plain-text.ts'
import stringWidth from 'string-width'

export interface StatusLayout {
  readonly isWide: boolean
  /** Whether the namespaces differ. */
  readonly hasNamespaces: boolean
  /** Undefined: as long as they are. */
  readonly widthColumns: number | undefined
  readonly paint: Paint
}

interface Column {
  readonly title: string
  readonly isNumber?: true
  readonly read: (actor: ActorSummary) => string
}

const COLUMNS: readonly Column[] = [
  { title: 'actor', read: ({ name }) => name },
  { title: 'ready', read: showReady },
  { title: 'replicas', isNumber: true, read: showReplicas },
  { title: 'min', isNumber: true, read: ({ replicas }) => showCount(replicas.min) },
  { title: 'max', isNumber: true, read: ({ replicas }) => showCount(replicas.max) },
  { title: 'queue', isNumber: true, read: ({ queue }) => showDepth(queue) },
]

const WIDE: readonly Column[] = [
  { title: 'workload', read: ({ type }) => type },
  { title: 'set by', read: ({ setBy }) => setBy.join(', ') },
  { title: 'image', read: ({ image }) => image },
]

const GAP = '  '

/** A table with a line for each actor; wide, its conditions below it. */
export function formatStatus(
  actors: readonly ActorSummary[],
  { isWide, hasNamespaces, widthColumns, paint }: StatusLayout,
): readonly string[] {
  const columns: readonly Column[] = [
    ...(hasNamespaces
      ? [{ title: 'namespace', read: (actor: ActorSummary) => actor.namespace }]
      : []),
    ...COLUMNS,
    ...(isWide ? WIDE : []),
    { title: 'why', read: showWhy },
  ]
  const cells = actors.map((actor) => columns.map(({ read }) => toPlainText(read(actor))))
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((row) => stringWidth(row[at] ?? ''))),
  )
  const writeRow = (row: readonly string[]): string =>
    row
      .map((cell, at) => padText(cell, widths[at] ?? 0, columns[at]?.isNumber ? 'start' : 'end'))
      .join(GAP)
      .trimEnd()
  const fit = (line: string): string =>
    widthColumns === undefined ? line : cutText(line, widthColumns)
  return [
    paint('dim', fit(writeRow(columns.map(({ title }) => title)))),
    ...actors.flatMap((actor, at) => [
      paintRow(fit(writeRow(cells[at] ?? [])), actor, paint),
      ...(isWide ? formatConditions(actor, paint) : []),
    ]),
  ]
}

function paintRow(line: string, { progress }: ActorSummary, paint: Paint): string {
  return progress.state === 'stalled' || (progress.state === 'waiting' && isBad(progress.reason))
    ? paint('red', line)
    : line
}

function isBad(reason: string): boolean {
  return /BackOff|Fail|Err|Unschedulable/.test(reason)
}

function formatConditions({ conditions }: ActorSummary, paint: Paint): readonly string[] {
  const width = Math.max(0, ...conditions.map(({ type }) => type.length))
  return conditions.map(({ type, status, reason, message }) =>
    paint(
      'dim',
      `    ${padText(type, width)}  ${padText(status, 7)}  ${reason}: ${toPlainText(message)}`,
    ),
  )
}

function showReady({ progress: { state } }: ActorSummary): string {
  return { ready: 'yes', stalled: 'no', waiting: 'not yet', unseen: '–' }[state]
}

function showReplicas({ replicas: { now, ready } }: ActorSummary): string {
  return now === ready ? String(now) : `${ready}/${now}`
}

function showCount(value: number | undefined): string {
  return value === undefined ? '–' : String(value)
}

function showDepth(queue: QueueDepth): string {
  switch (queue.type) {
    case 'empty':
      return '0'
    case 'some':
      return '≥1'
    case 'about':
      return `≈${queue.messages}`
    case 'unknown':
      return '–'
  }
}

function showWhy({ progress: { state, reason, message }, scaling, setBy }: ActorSummary): string {
  const paused = scaling === 'paused' && reason !== 'Paused' ? ' (paused)' : ''
  const scaled = setBy.includes('asya scale') ? ' (by asya scale)' : ''
  const words = state === 'ready' ? reason : `${reason}: ${message}`
  return `${words}${paused}${scaled}`
}
