import { JOB_STATES } from '../jobs/job.ts'
import { ref } from './openapi-schemas.ts'

/** What a route of the REST part does, as OpenAPI says it; its path, its access and errors are added. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly parameters?: readonly object[]
  readonly requestBody?: object
  /** By status; those that refuse are added. */
  readonly answers: Readonly<Record<number, object>>
  /** Statuses that refuse, beside 400, 401, 403, 404, 413, 429 and 503. */
  readonly refusals?: readonly number[]
}

const json = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
})

const body = (schema: object) => ({
  required: true,
  content: { 'application/json': { schema } },
})

const query = (name: string, description: string, schema: object) => ({
  ...{ name, in: 'query', description, schema },
})

const header = (name: string, description: string) => ({
  ...{ name, in: 'header', description, schema: { type: 'string' } },
})

const OBJECT = { type: 'object' }

const flag = (name: string) => ({
  type: 'object',
  required: [name],
  properties: { [name]: { type: 'boolean' } },
})

const TOOLS = ['tools']
const JOBS = ['jobs']
const SIDECARS = ['sidecars']
const OPERATIONS_OF_A_PROCESS = ['operations']

/** By method and path, as the router has them. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /tools': {
    ...{ operationId: 'listTools', tags: TOOLS, summary: 'The tools, in order of their names' },
    answers: {
      200: json('The tools', {
        type: 'object',
        required: ['tools'],
        properties: { tools: { type: 'array', items: ref('Tool') } },
      }),
    },
  },
  'POST /tools/call': {
    ...{ operationId: 'callTool', tags: TOOLS },
    summary: 'Starts a job; when it is answered, the job is kept and will be run',
    parameters: [
      header(
        'Idempotency-Key',
        'The same call with the same key is the same job; 1–255 characters',
      ),
      header('traceparent', 'The trace that the job belongs to (W3C); with tracestate and baggage'),
    ],
    requestBody: body(ref('Call')),
    answers: {
      200: json('The job ended within wait_ms', ref('Job')),
      202: json('The job was started', ref('Accepted')),
    },
    refusals: [409],
  },
  'GET /jobs': {
    ...{ operationId: 'listJobs', tags: JOBS, summary: 'Your jobs, the newest first' },
    parameters: [
      {
        ...query('state', 'Only of these states', {
          type: 'array',
          items: { enum: [...JOB_STATES] },
        }),
        ...{ style: 'form', explode: false },
      },
      query('tool', 'Only of this tool', { type: 'string' }),
      query('text', 'Only with this in their id, progress or errors', { type: 'string' }),
      query('before', 'Only older than this job', { type: 'string' }),
      query('limit', 'How many', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
    ],
    answers: { 200: json('A page of jobs', ref('Jobs')) },
  },
  'GET /jobs/stream': {
    ...{ operationId: 'streamJobs', tags: JOBS },
    summary: 'Your jobs as they change, as server-sent events; begins now',
    answers: {
      200: {
        description:
          'Events: "job" has a Job; "many" says that more changed than is told one by one',
        content: { 'text/event-stream': { schema: ref('Job') } },
      },
    },
  },
  'GET /jobs/:id': {
    ...{ operationId: 'getJob', tags: JOBS, summary: 'A job, with its results or errors' },
    answers: { 200: json('The job', ref('Job')) },
  },
  'GET /jobs/:id/stream': {
    ...{ operationId: 'streamJob', tags: JOBS },
    summary: 'Everything that happens to a job, as server-sent events, until it has ended',
    parameters: [
      header('Last-Event-ID', 'The last event that you have: you get those after it'),
      query('after', 'The same, for those who cannot send headers', { type: 'integer' }),
    ],
    answers: {
      200: {
        description: 'Events; their data is an Update',
        content: { 'text/event-stream': { schema: ref('Update') } },
      },
    },
  },
  'DELETE /jobs/:id': {
    ...{ operationId: 'cancelJob', tags: JOBS, summary: 'Cancels a job' },
    answers: { 200: json('The job, which is cancelled', ref('Job')) },
    refusals: [409],
  },
  'POST /jobs/:id/replay': {
    ...{ operationId: 'replayJob', tags: JOBS, summary: 'Starts a new job with the same input' },
    answers: { 202: json('The new job', ref('Replayed')) },
  },
  'POST /progress': {
    ...{ operationId: 'reportProgressOfMany', tags: SIDECARS, summary: 'Progress of many jobs' },
    requestBody: body(ref('ProgressBatch')),
    answers: { 200: json('Heard', OBJECT) },
  },
  'POST /jobs/:id/progress': {
    ...{ operationId: 'reportProgress', tags: SIDECARS, summary: 'Progress of a step' },
    requestBody: body(ref('Progress')),
    answers: { 200: json('Heard', OBJECT) },
  },
  'POST /jobs/:id/heartbeat': {
    ...{ operationId: 'reportHeartbeat', tags: SIDECARS, summary: 'A handler still runs' },
    answers: { 200: json('Whether it should stop', flag('cancel')) },
  },
  'GET /jobs/:id/active': {
    ...{ operationId: 'isJobActive', tags: SIDECARS, summary: 'Whether a job goes on' },
    answers: { 200: json('It does', flag('active')) },
    refusals: [410],
  },
  'POST /jobs/:id/final': {
    ...{ operationId: 'reportFinal', tags: SIDECARS, summary: 'A branch of a job has ended' },
    requestBody: body(ref('Final')),
    answers: {
      200: json('Recorded', {
        type: 'object',
        required: ['answer'],
        properties: { answer: { enum: ['recorded', 'completed', 'repeated'] } },
      }),
    },
    refusals: [410],
  },
  'GET /health': {
    ...{ operationId: 'isHealthy', tags: OPERATIONS_OF_A_PROCESS, summary: 'Whether it runs' },
    answers: { 200: json('It runs', OBJECT) },
  },
  'GET /ready': {
    ...{ operationId: 'isReady', tags: OPERATIONS_OF_A_PROCESS },
    summary: 'Whether it can keep jobs',
    answers: { 200: json('It can', OBJECT) },
  },
  'GET /metrics': {
    ...{ operationId: 'readMetrics', tags: OPERATIONS_OF_A_PROCESS, summary: 'For Prometheus' },
    answers: {
      200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
    },
  },
}
