import type { JobEvent } from '../client/events.ts'
import { showDuration } from '../view/duration.ts'
import { formatProgress, formatStep, type Progress } from '../view/job-text.ts'
import { LiveRegion } from '../view/live-region.ts'
import type { Paint } from '../view/paint.ts'

/** Shows how the jobs of a call go. */
export interface JobProgressView {
  /** `index`: of the job's payload. */
  update(index: number, news: JobNews): void
  /** A line that belongs to no job. */
  print(text: string): void
  close(): void
}

interface JobNews {
  readonly jobId: string
  readonly event: JobEvent
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream
  readonly paint: Paint
  readonly pipeline: string
  readonly jobCount: number
}

/** A line for each job, redrawn in place, on a terminal; few plain lines anywhere else. */
export function showProgress(options: ProgressOptions): JobProgressView {
  return options.stream.isTTY ? new LiveProgress(options) : new PlainProgress(options)
}

function toProgress(event: Extract<JobEvent, { type: 'progress' }>): Progress {
  const { percent, step, step_index: stepIndex, total_steps: totalSteps, message } = event
  return { percent, step, stepIndex, totalSteps, message }
}

/** At most ten times a second: a terminal over a slow line keeps up. */
const DRAW_MS = 100

class LiveProgress implements JobProgressView {
  readonly #options: ProgressOptions
  readonly #region: LiveRegion
  readonly #news: JobNews[]
  #timer: NodeJS.Timeout | undefined

  constructor(options: ProgressOptions) {
    this.#options = options
    this.#region = new LiveRegion(options.stream)
    this.#news = Array.from({ length: options.jobCount }, () => NOTHING)
    this.#draw()
  }

  update(index: number, news: JobNews): void {
    this.#news[index] = news
    this.#timer ??= setTimeout(() => this.#draw(), DRAW_MS)
  }

  print(text: string): void {
    this.#region.print(text)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#region.close()
  }

  #draw(): void {
    this.#timer = undefined
    const lines = this.#news.map((news) => this.#show(news))
    const rows = this.#options.stream.rows - 2
    if (lines.length <= rows) {
      this.#region.draw(lines)
      return
    }
    // What runs is worth more than what is done, and the rest is counted.
    const running = lines.filter((_, index) => isRunning(this.#news[index]))
    const done = this.#news.filter(isDone).length
    this.#region.draw([...running.slice(0, rows - 1), `${done} of ${lines.length} jobs done`])
  }

  #show({ event, jobId }: JobNews): string {
    const { paint, pipeline } = this.#options
    const name = `${pipeline} ${paint('dim', jobId)}`
    switch (event.type) {
      case 'progress':
        return `${paint('blue', '●')} ${name}  ${formatProgress(toProgress(event), paint)}`
      case 'succeeded':
        return `${paint('green', '✓')} ${name}  ${showDuration(event.duration_ms)}`
      case 'failed':
        return `${paint('red', '✗')} ${name}  ${event.errors[0]?.message.split('\n', 1)[0] ?? ''}`
      case 'cancelled':
        return `${paint('yellow', '■')} ${name}  cancelled`
    }
  }
}

/** Of a job that has not started. */
const NOTHING: JobNews = { jobId: '', event: { type: 'progress', status: 'pending' } }

function isRunning(news: JobNews | undefined): boolean {
  return news?.event.type === 'progress' && news.event.status === 'running'
}

function isDone({ event }: JobNews): boolean {
  return event.type !== 'progress'
}

/** More jobs than that are counted, not told one by one. */
const MAX_TOLD = 10
const COUNT_MS = 2_000

class PlainProgress implements JobProgressView {
  readonly #options: ProgressOptions
  /** By job: the furthest step that was told. */
  readonly #told = new Map<number, number>()
  readonly #counter: NodeJS.Timeout | undefined
  #done = 0

  constructor(options: ProgressOptions) {
    this.#options = options
    if (this.#isCounting) this.#counter = setInterval(() => this.#count(), COUNT_MS)
  }

  get #isCounting(): boolean {
    return this.#options.jobCount > MAX_TOLD
  }

  update(index: number, { event, jobId }: JobNews): void {
    const { pipeline } = this.#options
    if (event.type === 'progress') {
      const { status, step_index: step = 0 } = event
      if (this.#isCounting || status === 'pending' || step <= (this.#told.get(index) ?? -1)) return
      this.#told.set(index, step)
      this.print(`${pipeline} ${jobId} ${formatStep(toProgress(event))}`)
      return
    }
    this.#done++
    // What failed is told in full at the end.
    if (!this.#isCounting && event.type !== 'failed')
      this.print(`${pipeline} ${jobId} ${event.type} ${showDuration(event.duration_ms)}`)
  }

  print(text: string): void {
    this.#options.stream.write(`${text}\n`)
  }

  close(): void {
    clearInterval(this.#counter)
    if (this.#isCounting) this.#count()
  }

  #count(): void {
    this.print(`${this.#done} of ${this.#options.jobCount} jobs done`)
  }
}
