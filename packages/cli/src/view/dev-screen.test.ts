import { expect, test } from 'vitest'
import type { ActorView } from '../dev/actor-host.ts'
import type { Job } from '../dev/job-board.ts'
import { drawDevScreen, orderJobs, type DevScreen } from './dev-screen.ts'
import { formatTime } from './log-text.ts'
import { paintNothing } from './paint.ts'

function actor(name: string, rest: Partial<ActorView> = {}): ActorView {
  const counts = { inFlight: 0, served: 0, failed: 0, retried: 0, reloads: 0, deaths: 0 }
  return { name, runtime: 'serving', pid: 1, ...counts, ...rest }
}

function job(id: string, rest: Partial<Job> = {}): Job {
  const state = { status: 'succeeded', results: [] } as const
  return { id, pipeline: 'triage', steps: ['a'], startedAtMs: 0, endedAtMs: 1_200, state, ...rest }
}

const TIME_MS = 1_000

const screen: DevScreen = {
  title: '~/hello',
  upMs: 61_000,
  actors: [
    actor('read-page', { inFlight: 1, served: 12, failed: 1, reloads: 2 }),
    actor('analyse', { runtime: 'resting' }),
  ],
  ends: [actor('happy-end')],
  queues: new Map([['read-page', { ready: 3, delayed: 1 }]]),
  pipelines: ['triage'],
  problem: undefined,
  jobs: [
    job('aaaaaaaa', {
      state: { status: 'running' },
      progress: { step: 'read-page', stepIndex: 0, totalSteps: 2, percent: 25, message: 'reading' },
    }),
    job('bbbbbbbb'),
    job('cccccccc', {
      state: {
        status: 'failed',
        errors: [{ type: 'oom_error', message: 'too\nbig', step: 'analyse', attempts: 1 }],
      },
    }),
    job('dddddddd', { state: { status: 'cancelled' } }),
  ],
  log: [
    { number: 1, timeMs: TIME_MS, source: 'asya', level: 'info', text: 'started\nread-page' },
    {
      number: 2,
      timeMs: TIME_MS,
      source: 'read-page',
      level: 'warn',
      text: 'page read',
      fields: { path: 'a b.png', n: 1 },
    },
  ],
}

function draw(rest: Partial<DevScreen>, rows: number, columns = 80): string {
  const lines = drawDevScreen({ ...screen, ...rest }, { columns, rows }, paintNothing)
  return `\n${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

test('A screen shows actors, jobs and the log, and its last row the keys.', () => {
  const time = formatTime(TIME_MS)
  expect(draw({}, 16)).toBe(`
 asya dev  ~/hello                         2 actors · 1 pipeline · up 1 min 1 s

 actor      state        waiting  running  delayed  served  failed  version
 read-page  busy               3        1        1      12       1        3
 analyse    restarting         0        0        0       0       0        1
 happy-end  ready              0        0        0       0       0        1

 ● triage aaaaaaaa  ━━━━━───────────────  25%  1/2 read-page  reading
 ✓ triage bbbbbbbb  1.2 s
 ✗ triage cccccccc  1.2 s  analyse: too big
 ■ triage dddddddd  1.2 s  cancelled

 ${time} asya  started
 ${time} read-page  page read path="a b.png" n=1

 q quit
`)
})

test('A problem stands above the jobs, cut to what there is room for.', () => {
  const problem = [
    'the project does not build',
    ...Array.from({ length: 20 }, () => '  line'),
  ].join('\n')
  const text = draw({ problem, log: [] }, 24)
  expect(text).toContain(' ▌ the project does not build\n ▌   line')
  expect(text).toContain(' ▌  …\n')
  expect(text.trim().split('\n')).toHaveLength(24)
})

test.each([1, 2, 3, 5, 8, 12, 40])('A screen of %i rows has so many lines.', (rows) => {
  for (const problem of [undefined, 'a\nb\nc\nd\ne\nf\ng']) {
    const lines = drawDevScreen({ ...screen, problem }, { columns: 40, rows }, paintNothing)
    expect(lines).toHaveLength(rows)
  }
})

test('More actors than there is room for are counted.', () => {
  const actors = Array.from({ length: 30 }, (_, index) => actor(`actor-${index}`))
  expect(draw({ actors }, 20)).toContain('and 23 more')
})

test('Jobs that run stand before those that ended, the newest first.', () => {
  const running = { state: { status: 'running' } } as const
  const jobs = [job('1', running), job('2'), job('3', running), job('4')]
  expect(orderJobs(jobs).map((one) => one.id)).toEqual(['3', '1', '4', '2'])
})
