import stringWidth from 'string-width'
import type { ActorView } from '../dev/actor-host.ts'
import type { QueueView } from '../dev/dev-queues.ts'
import type { DevView } from '../dev/dev-run.ts'
import { isEnded, type Job } from '../dev/job-board.ts'
import type { LogLine } from '../dev/log-book.ts'
import { showDuration } from './duration.ts'
import { formatProgress } from './job-text.ts'
import { formatLogLine, formatTime } from './log-text.ts'
import { count } from './model-text.ts'
import type { Paint, Style } from './paint.ts'
import { cutText, padText, toPlainText, wrapText } from './plain-text.ts'

/** Everything that the screen of a dev run shows. */
export interface DevScreen extends DevView {
  readonly title: string
  readonly upMs: number
  /** Newest first. */
  readonly jobs: readonly Job[]
  /** Newest last. */
  readonly log: readonly LogLine[]
}

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

const MAX_JOBS = 8
const MIN_LOG_LINES = 5
const MAX_PROBLEM_LINES = 12

/** The lines of the screen, as many as it has rows at most: actors, jobs, what is wrong, the log. */
export function drawDevScreen(screen: DevScreen, size: ScreenSize, paint: Paint): string[] {
  const head = drawHead(screen, size, paint)
  const foot = [paint('dim', ' q quit')]
  const room = (): number => size.rows - foot.length - lines.length
  const lines = [...head, '']
  lines.push(...drawActors(screen, Math.max(3, Math.floor(size.rows / 2)), paint))
  const problem = drawProblem(screen.problem, size, paint).slice(0, Math.max(0, room() - 1))
  if (problem.length > 0) lines.push('', ...problem)
  const forLog = Math.min(screen.log.length, MIN_LOG_LINES) + 1
  const jobs = screen.jobs.slice(0, Math.min(MAX_JOBS, Math.max(0, room() - forLog - 1)))
  if (jobs.length > 0) lines.push('', ...jobs.map((job) => ` ${drawJob(job, paint)}`))
  const log = screen.log.slice(-Math.max(0, room() - 1))
  if (log.length > 0 && room() > 1) lines.push('', ...log.map((line) => ` ${drawLog(line, paint)}`))
  const shown = lines.slice(0, size.rows - foot.length)
  const filler = Array.from({ length: size.rows - foot.length - shown.length }, () => '')
  return [...shown, ...filler, ...foot]
}

function drawHead(screen: DevScreen, { columns }: ScreenSize, paint: Paint): string[] {
  const facts = [
    count(screen.actors.length, 'actor'),
    count(screen.pipelines.length, 'pipeline'),
    `up ${showDuration(screen.upMs)}`,
  ].join(' · ')
  const room = columns - stringWidth(facts) - ' asya dev  '.length - 3
  const title = padText(cutText(screen.title, room), room)
  return [` ${paint('bold', 'asya dev')}  ${title}  ${paint('dim', facts)}`]
}

const COLUMNS = ['waiting', 'running', 'delayed', 'served', 'failed', 'version'] as const
const STATE_COLUMNS = 11

function drawActors(screen: DevScreen, maxLines: number, paint: Paint): string[] {
  const all = [...screen.actors, ...screen.ends]
  const nameColumns = Math.max(5, ...all.map((actor) => stringWidth(actor.name)))
  const head = [
    padText('actor', nameColumns),
    padText('state', STATE_COLUMNS),
    ...COLUMNS.map((name) => padText(name, name.length, 'start')),
  ]
  const drawRow = (actor: ActorView): string =>
    drawActor(actor, screen.queues.get(actor.name), { nameColumns, paint })
  // The ends are always there: of them the screen speaks last, and softly.
  const rows = [
    ...screen.actors.map(drawRow),
    ...screen.ends.map((end) =>
      paint('dim', drawActor(end, screen.queues.get(end.name), { nameColumns, paint: plain })),
    ),
  ]
  const shown = rows.length + 1 > maxLines ? rows.slice(0, maxLines - 2) : rows
  const more = rows.length - shown.length
  return [
    ` ${paint('dim', head.join('  '))}`,
    ...shown.map((row) => ` ${row}`),
    ...(more > 0 ? [` ${paint('dim', `and ${more} more`)}`] : []),
  ]
}

const plain: Paint = (_style, text) => text

interface RowStyle {
  readonly nameColumns: number
  readonly paint: Paint
}

function drawActor(
  actor: ActorView,
  queue: QueueView | undefined,
  { nameColumns, paint }: RowStyle,
): string {
  const { state, style } = describeState(actor)
  const numbers = {
    waiting: queue?.ready ?? 0,
    running: actor.inFlight,
    delayed: queue?.delayed ?? 0,
    served: actor.served,
    failed: actor.failed,
    version: actor.reloads + 1,
  }
  const cells = COLUMNS.map((name) => {
    const cell = padText(String(numbers[name]), name.length, 'start')
    if (name === 'failed' && numbers.failed > 0) return paint('red', cell)
    return numbers[name] === 0 ? paint('dim', cell) : cell
  })
  return [
    padText(actor.name, nameColumns),
    paint(style, padText(state, STATE_COLUMNS)),
    ...cells,
  ].join('  ')
}

function describeState(actor: ActorView): { readonly state: string; readonly style: Style } {
  switch (actor.runtime) {
    case 'serving':
      return actor.inFlight > 0
        ? { state: 'busy', style: 'blue' }
        : { state: 'ready', style: 'green' }
    case 'new':
    case 'starting':
      return { state: 'starting', style: 'yellow' }
    case 'resting':
      return { state: 'restarting', style: 'red' }
    case 'stopping':
    case 'stopped':
      return { state: 'stopped', style: 'dim' }
  }
}

function drawJob(job: Job, paint: Paint): string {
  const { state, progress, startedAtMs, endedAtMs = startedAtMs } = job
  const name = `${job.pipeline} ${paint('dim', job.id)}`
  const took = showDuration(endedAtMs - startedAtMs)
  switch (state.status) {
    case 'pending':
    case 'running':
      return `${paint('blue', '●')} ${name}  ${formatProgress(progress ?? {}, paint)}`
    case 'succeeded':
      return `${paint('green', '✓')} ${name}  ${took}`
    case 'failed': {
      const [error] = state.errors
      const why = error ? `${error.step}: ${toPlainText(error.message)}` : ''
      return `${paint('red', '✗')} ${name}  ${took}  ${paint('red', why)}`
    }
    case 'cancelled':
      return `${paint('yellow', '■')} ${name}  ${took}  cancelled`
  }
}

function drawProblem(problem: string | undefined, size: ScreenSize, paint: Paint): string[] {
  if (problem === undefined) return []
  const columns = size.columns - ' ▌ '.length
  const lines = problem.split('\n').flatMap((line) => toProblemLines(line, columns))
  const shown = lines.slice(0, MAX_PROBLEM_LINES)
  const more = lines.length > shown.length ? [' …'] : []
  return [...shown, ...more].map((line) => ` ${paint('red', '▌')} ${line}`)
}

/** Sentences are wrapped; white space before code stays, for it shows where in a line a mistake is. */
function toProblemLines(line: string, columns: number): string[] {
  const [indent = ''] = /^ */.exec(line) ?? []
  const text = toPlainText(line.slice(indent.length))
  return indent === '' ? wrapText(text, Math.max(1, columns)) : [indent + text]
}

function drawLog(line: LogLine, paint: Paint): string {
  const [first = ''] = line.text.split('\n', 1)
  return `${paint('dim', formatTime(line.timeMs))} ${formatLogLine({ ...line, text: first }, paint)}`
}

/** Jobs that run before those that ended, each newest first. */
export function orderJobs(jobs: readonly Job[]): Job[] {
  const newestFirst = [...jobs].reverse()
  return [...newestFirst.filter((job) => !isEnded(job)), ...newestFirst.filter(isEnded)]
}
