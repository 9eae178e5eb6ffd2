import { encodeFinal, decodeFinal, stringifyToBytes } from '@asya/protocol'
import type { Branch, FinalReport } from '@asya/protocol'
import { describe, expect, test } from 'vitest'
import { JobBoard } from './job-board.ts'

const JOB = { id: 'job', pipeline: 'p', steps: ['a', 'b'] }

function openBoard(): JobBoard {
  const board = new JobBoard()
  board.open(JOB)
  return board
}

function child(index: number, count: number, generation = 'g'): Branch {
  return [{ index, count, generation }]
}

function succeed(branch: Branch, result: unknown): FinalReport {
  return { jobId: 'job', branch, status: 'succeeded', result: stringifyToBytes(result) }
}

function fail(branch: Branch): FinalReport {
  const error = { type: 'validation_error', message: 'no', step: 'b', attempts: 2 }
  return { jobId: 'job', branch, status: 'failed', error: stringifyToBytes(error) }
}

const report = { jobId: 'job', step: 'a', stepIndex: 0, totalSteps: 2, actorName: 'a' } as const

describe('a job', () => {
  test('is pending until a step is heard of, then running.', () => {
    const board = openBoard()
    expect(board.find('job')?.state).toEqual({ status: 'pending' })
    board.recordProgress({ ...report, status: 'received' })
    expect(board.find('job')).toMatchObject({ state: { status: 'running' }, steps: ['a', 'b'] })
  })

  test('has its results in the order of the fan-out, whatever order they come in.', () => {
    const board = openBoard()
    for (const index of [2, 0, 1])
      expect(board.recordFinal(succeed(child(index, 3), { index }))).toBe('recorded')
    expect(board.find('job')?.state).toEqual({
      status: 'succeeded',
      results: ['{"index":0}', '{"index":1}', '{"index":2}'],
    })
  })

  test('counts a branch once, however often its end is told.', () => {
    const board = openBoard()
    board.recordFinal(succeed(child(0, 2), 'x'))
    board.recordFinal(succeed(child(0, 2), 'x'))
    expect(board.find('job')?.state.status).toBe('pending')
    board.recordFinal(succeed(child(1, 2), 'y'))
    expect(board.find('job')?.state).toEqual({ status: 'succeeded', results: ['"x"', '"y"'] })
  })

  test('fails when one branch failed, once all have ended.', () => {
    const board = openBoard()
    board.recordFinal(fail(child(0, 2)))
    expect(board.find('job')?.state.status).toBe('pending')
    board.recordFinal(succeed(child(1, 2), 'y'))
    expect(board.find('job')?.state).toEqual({
      status: 'failed',
      errors: [{ type: 'validation_error', message: 'no', step: 'b', attempts: 2 }],
    })
  })

  test('has null where a branch ended early.', () => {
    const board = openBoard()
    board.recordFinal(succeed(child(1, 2), null))
    board.recordFinal(succeed(child(0, 2), 7))
    expect(board.find('job')?.state).toEqual({ status: 'succeeded', results: ['7', null] })
  })

  test('keeps the bytes of its result as they came over the wire.', () => {
    const board = openBoard()
    const text = '{"n": 12345678901234567890,\n "s":"\\u00e9"}'
    const bytes = stringifyToBytes('placeholder')
    const sent = { ...succeed([], null), result: bytes }
    const body = encodeFinal(sent).toString().replace('"placeholder"', text)
    const final = decodeFinal('job', Buffer.from(body))
    if (!final) throw new Error('the final is malformed')
    board.recordFinal(final)
    expect(board.find('job')?.state).toEqual({ status: 'succeeded', results: [text] })
  })

  test.each<[string, (board: JobBoard) => void, string]>([
    ['succeeded', (board) => board.recordFinal(succeed([], 1)), 'succeeded'],
    ['failed', (board) => board.recordFinal(fail([])), 'failed'],
    ['cancelled', (board) => board.cancel('job'), 'cancelled'],
  ])('that has %s stays so.', (_name, end, status) => {
    const board = openBoard()
    end(board)
    board.recordProgress({ ...report, status: 'processing', percent: 50 })
    expect(board.recordFinal(fail([]))).toBe('gone')
    expect(board.recordFinal(succeed([], 2))).toBe('gone')
    expect(board.cancel('job')).toBe(false)
    expect(board.find('job')?.state.status).toBe(status)
  })

  test('has a percentage that never falls, and is 100 only at its end.', () => {
    const board = openBoard()
    const percents: (number | undefined)[] = []
    const note = (): void => {
      percents.push(board.find('job')?.progress?.percent)
    }
    board.recordProgress({ ...report, status: 'processing', percent: 50 })
    note()
    board.recordProgress({ ...report, status: 'completed' })
    note()
    board.recordProgress({ ...report, status: 'received' })
    note()
    board.recordProgress({ ...report, step: 'b', stepIndex: 1, status: 'completed' })
    note()
    board.recordFinal(succeed(child(0, 4), 1))
    note()
    board.recordFinal(succeed(child(0, 4), 1))
    note()
    expect(percents).toEqual([25, 50, 50, 50, 62, 62])
  })

  test('keeps what the handler said until another step is heard of.', () => {
    const board = openBoard()
    board.recordProgress({ ...report, status: 'processing', percent: 10, message: 'reading' })
    board.recordProgress({ ...report, status: 'processing', percent: 20 })
    expect(board.find('job')?.progress?.message).toBe('reading')
    board.recordProgress({ ...report, step: 'b', stepIndex: 1, status: 'received' })
    expect(board.find('job')?.progress?.message).toBeUndefined()
  })
})

describe('the board', () => {
  test('forgets the oldest of more than 1,000 jobs that ended, and none that runs.', () => {
    const board = openBoard()
    for (let index = 0; index < 1_001; index++) {
      const id = `job-${String(index)}`
      board.open({ ...JOB, id })
      board.recordFinal({ ...succeed([], 1), jobId: id })
    }
    expect(board.find('job-0')).toBeUndefined()
    expect(board.find('job-1')).toBeDefined()
    expect(board.find('job')).toBeDefined()
    expect(board.recordFinal({ ...succeed([], 1), jobId: 'job-0' })).toBe('gone')
  })

  test('tells its followers of every change until they leave.', () => {
    const board = openBoard()
    const seen: string[] = []
    const leave = board.follow((job) => seen.push(job.state.status))
    board.recordProgress({ ...report, status: 'received' })
    board.recordFinal(succeed([], 1))
    leave()
    board.open({ ...JOB, id: 'other' })
    expect(seen).toEqual(['running', 'succeeded'])
  })
})
