import type { JobUpdate } from '@asya/gateway'
import { toJsonBytes } from '@asya/protocol'
import { describe, expect, test, vi } from 'vitest'
import { JobBoard, type JobSource } from './job-board.ts'

/** A gateway whose updates are written by the test. */
class ScriptedJobs implements JobSource {
  #accept: Parameters<JobSource['onAccepted']>[0] = () => undefined
  readonly #followers = new Map<string, Parameters<JobSource['follow']>[2]>()
  readonly #ends = new Map<string, { results?: string; errors?: string }>()
  #seq = 0

  onAccepted(tell: Parameters<JobSource['onAccepted']>[0]): void {
    this.#accept = tell
  }

  follow(jobId: string, _seq: number, tell: Parameters<JobSource['follow']>[2]): () => void {
    this.#followers.set(jobId, tell)
    return () => this.#followers.delete(jobId)
  }

  async readEnd(jobId: string) {
    const { results, errors } = this.#ends.get(jobId) ?? {}
    const toBytes = (text: string | undefined) =>
      text === undefined ? undefined : toJsonBytes(Buffer.from(text))
    return { results: toBytes(results), errors: toBytes(errors) }
  }

  accept(id: string): void {
    this.#accept({ id, tool: 'p', route: ['a', 'b'] })
  }

  tell(jobId: string, type: JobUpdate['type'], data: object = {}): void {
    const update = { jobId, seq: ++this.#seq, at: new Date(), type, data: JSON.stringify(data) }
    this.#followers.get(jobId)?.([update])
  }

  async end(
    jobId: string,
    type: JobUpdate['type'],
    end: { results?: string; errors?: string } = {},
  ) {
    this.#ends.set(jobId, end)
    this.tell(jobId, type)
    await vi.waitFor(() => Promise.resolve())
  }
}

function open(): { board: JobBoard; jobs: ScriptedJobs } {
  const board = new JobBoard()
  const jobs = new ScriptedJobs()
  board.watch(jobs)
  jobs.accept('job')
  return { board, jobs }
}

const progress = { step: 'a', step_index: 0, total_steps: 2, job_percent: 0 }

describe('a job', () => {
  test('is pending until a step is heard of, then running.', () => {
    const { board, jobs } = open()
    expect(board.find('job')).toMatchObject({ pipeline: 'p', state: { status: 'pending' } })
    jobs.tell('job', 'progress', progress)
    expect(board.find('job')).toMatchObject({ state: { status: 'running' }, steps: ['a', 'b'] })
  })

  test('keeps the bytes of its results, and has null where a branch ended early.', async () => {
    const { board, jobs } = open()
    const text = '{"n": 12345678901234567890,\n "s":"\\u00e9"}'
    await jobs.end('job', 'succeeded', { results: `[${text},null]` })
    expect(board.find('job')?.state).toEqual({ status: 'succeeded', results: [text, null] })
  })

  test('has the errors of the branches that failed.', async () => {
    const { board, jobs } = open()
    const error = { type: 'validation_error', message: 'no', step: 'b', attempts: 2 }
    await jobs.end('job', 'failed', { errors: JSON.stringify([error]) })
    expect(board.find('job')?.state).toEqual({ status: 'failed', errors: [error] })
  })

  test('that was cancelled stays so.', async () => {
    const { board, jobs } = open()
    await jobs.end('job', 'cancelled')
    jobs.tell('job', 'progress', { ...progress, job_percent: 50 })
    expect(board.find('job')).toMatchObject({ state: { status: 'cancelled' } })
  })

  test('has a percentage that never falls.', () => {
    const { board, jobs } = open()
    const percents = [25, 50, 10, 60].map((job_percent) => {
      jobs.tell('job', 'progress', { ...progress, job_percent })
      return board.find('job')?.progress?.percent
    })
    expect(percents).toEqual([25, 50, 50, 60])
  })

  test('keeps what the handler said until another step is heard of.', () => {
    const { board, jobs } = open()
    jobs.tell('job', 'progress', { ...progress, message: 'reading' })
    jobs.tell('job', 'progress', progress)
    expect(board.find('job')?.progress?.message).toBe('reading')
    jobs.tell('job', 'progress', { ...progress, step: 'b', step_index: 1 })
    expect(board.find('job')?.progress?.message).toBeUndefined()
  })
})

describe('the board', () => {
  test('forgets the oldest of more than 1,000 jobs that ended, and none that runs.', async () => {
    const { board, jobs } = open()
    for (let index = 0; index < 1_001; index++) {
      jobs.accept(`job-${index}`)
      await jobs.end(`job-${index}`, 'succeeded', { results: '[1]' })
    }
    expect(board.find('job-0')).toBeUndefined()
    expect(board.find('job-1')).toBeDefined()
    expect(board.find('job')).toBeDefined()
  })

  test('tells its followers of every change until they leave.', async () => {
    const { board, jobs } = open()
    const seen: string[] = []
    const leave = board.follow((job) => seen.push(job.state.status))
    jobs.tell('job', 'progress', progress)
    await jobs.end('job', 'succeeded', { results: '[1]' })
    leave()
    jobs.accept('other')
    expect(seen).toEqual(['running', 'succeeded'])
  })
})
