import { parseText, scanObject } from '@asya/protocol'
import type { JobEvent, StartAnswer } from '../client/events.ts'
import type { ControlAnswer, ControlRequest, ControlRoutes, LineStream } from './control-server.ts'
import type { CurrentProject } from './current-project.ts'
import type { DevGateway } from './dev-gateway.ts'
import { isEnded, type Job, type JobBoard } from './job-board.ts'
import type { JobStarter, StartedJob } from './job-starter.ts'
import { findError, forgetError, type KeptError } from './kept-errors.ts'
import type { LogBook } from './log-book.ts'

/** What the commands reach of a dev run. */
export interface CommandParts {
  readonly board: JobBoard
  readonly logs: LogBook
  readonly projectDir: string
  readonly current: CurrentProject
  readonly starter: JobStarter
  readonly gateway: DevGateway
}

/** What `asya call`, `logs` and `errors` ask of a dev run. */
export function commandRoutes(parts: CommandParts): ControlRoutes {
  const { board, logs } = parts
  return {
    'GET /ping': () => ({ status: 200 }),
    'GET /names': () => ({ status: 200, json: parts.current.names }),
    'POST /calls': (request) => startCall(parts, request),
    'GET /jobs/:id/events': ({ params }) => {
      const id = params['id'] ?? ''
      if (!board.find(id)) return { status: 404 }
      return { status: 200, start: (stream) => streamJob(board, id, stream) }
    },
    'DELETE /jobs/:id': async ({ params }) => ({
      status: (await parts.gateway.jobs.cancel(params['id'] ?? '')) ? 200 : 409,
    }),
    'GET /logs': ({ query }) => ({
      status: 200,
      start: (stream) => streamLogs(logs, query.has('follow'), stream),
    }),
    'POST /errors/:id/replay': ({ params }) => startReplay(parts, params['id'] ?? ''),
  }
}

async function startCall(parts: CommandParts, { body }: ControlRequest): Promise<ControlAnswer> {
  const scanned = scanObject(body)
  const members = new Map(scanned.ok ? scanned.value.map((one) => [one.name, one.value]) : [])
  const name = members.get('pipeline')
  const pipeline = name && parseText(name)
  const payload = members.get('payload')
  if (pipeline === undefined || !payload) return { status: 400 }
  const { current, starter } = parts
  await current.whenLoaded
  const { problem, names } = current
  // Perhaps it is only missing because of that.
  if (problem !== undefined && !names.pipelines.includes(pipeline))
    return answer(parts, { type: 'refused', reason: problem })
  return answer(parts, await starter.call(pipeline, payload))
}

async function startReplay(parts: CommandParts, id: string): Promise<ControlAnswer> {
  await parts.current.whenLoaded
  const found = await findError(parts.projectDir, id)
  if (found.type !== 'found') return { status: 404 }
  const { kept } = found
  if (kept.error.type === 'parse_error')
    return answer(parts, {
      type: 'refused',
      reason: 'what failed was no message: its body is kept',
    })
  const started = await parts.starter.replay(kept)
  if (started.type === 'started') forgetWhenDone(parts, kept, started.jobId)
  return answer(parts, started)
}

/** The error has had its chance; if its message failed again, that is kept as an error of its own. */
function forgetWhenDone(parts: CommandParts, kept: KeptError, jobId: string): void {
  const leave = parts.board.follow((job) => {
    if (job.id !== jobId || !isEnded(job)) return
    leave()
    if (job.state.status === 'cancelled') return
    void forgetError(kept)
  })
}

function answer(parts: CommandParts, started: StartedJob): ControlAnswer {
  return { status: 200, json: toStartAnswer(parts, started) }
}

function toStartAnswer(parts: CommandParts, started: StartedJob): StartAnswer {
  switch (started.type) {
    case 'started':
      return { type: 'started', job_id: started.jobId, pipeline: started.pipeline }
    case 'unknown-pipeline': {
      const { pipelines, actors } = parts.current.names
      return { type: 'unknown-pipeline', pipelines: [...pipelines], actors: [...actors] }
    }
    case 'refused':
      return started
  }
}

/** Progress is passed on that often at most; what lies between is left out. */
const PROGRESS_MS = 50

function streamJob(board: JobBoard, id: string, stream: LineStream): () => void {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearTimeout(timer)
    leave()
  }
  const tell = (): void => {
    timer = undefined
    const job = board.find(id)
    if (job) stream.write(toEvent(job))
    if (job && !isEnded(job)) return
    stop()
    stream.end()
  }
  const leave = board.follow((job) => {
    if (job.id !== id) return
    if (isEnded(job)) {
      clearTimeout(timer)
      tell()
    } else timer ??= setTimeout(tell, PROGRESS_MS)
  })
  tell()
  return stop
}

function toEvent(job: Job): JobEvent {
  const { state, progress, startedAtMs, endedAtMs = Date.now() } = job
  const duration_ms = endedAtMs - startedAtMs
  switch (state.status) {
    case 'pending':
    case 'running':
      return {
        type: 'progress',
        status: state.status,
        percent: progress?.percent,
        step: progress?.step,
        step_index: progress?.stepIndex,
        total_steps: progress?.totalSteps,
        message: progress?.message,
      }
    case 'succeeded':
      return { type: 'succeeded', duration_ms, results: [...state.results] }
    case 'failed':
      return { type: 'failed', duration_ms, errors: [...state.errors] }
    case 'cancelled':
      return { type: 'cancelled', duration_ms }
  }
}

function streamLogs(logs: LogBook, isFollowing: boolean, stream: LineStream): () => void {
  for (const line of logs.list()) stream.write(line)
  if (isFollowing) return logs.follow((line) => stream.write(line))
  stream.end()
  return () => undefined
}
