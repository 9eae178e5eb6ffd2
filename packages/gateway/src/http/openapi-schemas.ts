import { JOB_STATES } from '../jobs/job.ts'

/** The shapes of the REST part; what else is answered is in openapi-operations.ts. */

const string = { type: 'string' } as const
const time = { type: 'string', format: 'date-time' } as const
const strings = { type: 'array', items: string } as const
const schema = { type: 'object', description: 'A JSON Schema, draft 07.' } as const
const state = { enum: [...JOB_STATES] }
const percent = { type: 'number', minimum: 0, maximum: 100 } as const

export const ref = (name: keyof typeof SCHEMAS) => ({ $ref: `#/components/schemas/${name}` })

const results = {
  type: 'array',
  description: 'The results of all branches, in order; null for a branch without one.',
} as const

const errors = {
  type: 'array',
  items: { $ref: '#/components/schemas/BranchError' },
  description: 'Of the branches that failed, in order.',
} as const

export const SCHEMAS = {
  Error: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { ...string, description: 'For programs.' },
          message: { ...string, description: 'For people: the culprit, and what would be right.' },
        },
      },
    },
  },
  Tool: {
    type: 'object',
    required: ['name', 'input_schema', 'results', 'route', 'timeout_ms'],
    properties: {
      ...{ name: string, title: string, description: string, deprecated: string },
      input_schema: schema,
      output_schema: { ...schema, description: 'Of one result: a JSON Schema, draft 07.' },
      results: { enum: ['one', 'optional', 'many', 'none'] },
      route: strings,
      timeout_ms: { type: 'integer' },
    },
  },
  Call: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { ...string, description: 'The name of a tool: see GET /tools.' },
      arguments: { type: 'object', description: 'As the input schema of the tool says.' },
      wait_ms: {
        ...{ type: 'integer', minimum: 0, maximum: 55_000, default: 0 },
        description: 'How long to wait for the end of the job.',
      },
    },
  },
  Accepted: {
    type: 'object',
    required: ['job_id'],
    properties: {
      job_id: string,
      repeated: {
        type: 'boolean',
        description: 'The same call was made before, with the same key.',
      },
    },
  },
  Replayed: {
    type: 'object',
    required: ['job_id', 'replay_of', 'state'],
    properties: { job_id: string, replay_of: string, state },
  },
  Job: {
    type: 'object',
    required: [
      'job_id',
      'tool',
      'state',
      'route',
      'percent',
      'stalled',
      'created_at',
      'deadline_at',
    ],
    properties: {
      ...{ job_id: string, tool: string, state, route: strings, percent, replay_of: string },
      stalled: { type: 'boolean', description: 'Nothing was heard of it for a while.' },
      ...{ created_at: time, started_at: time, ended_at: time, deadline_at: time },
      progress: { type: 'object', description: 'The newest progress of one of its steps.' },
      ...{ results, errors },
    },
  },
  Jobs: {
    type: 'object',
    required: ['jobs'],
    properties: {
      jobs: { type: 'array', items: { $ref: '#/components/schemas/Job' } },
      next: { ...string, description: 'There are more: ask again with it as `before`.' },
    },
  },
  BranchError: {
    type: 'object',
    description: 'Has more, such as exception and traceback.',
    properties: {
      ...{ type: string, message: string, step: string },
      attempts: { type: 'integer' },
    },
  },
  Update: {
    type: 'object',
    description: 'The data of an event; its type is the event, its seq is the id.',
    required: ['job_id', 'seq', 'at', 'type'],
    properties: {
      ...{ job_id: string, seq: { type: 'integer' }, at: time },
      type: { enum: [...JOB_STATES, 'progress', 'stalled'] },
      ...{ results, errors },
    },
  },
  Progress: {
    type: 'object',
    required: ['step', 'step_index', 'total_steps', 'status'],
    properties: {
      step: string,
      step_index: { type: 'integer', minimum: 0 },
      total_steps: { type: 'integer', minimum: 1 },
      status: { enum: ['received', 'processing', 'completed'] },
      ...{ actor_name: string, percent, message: string },
      duration_ms: { type: 'number', minimum: 0 },
      payloads: { $ref: '#/components/schemas/ReportedPayloads' },
    },
  },
  ReportedPayloads: {
    type: 'object',
    description:
      'What the message brought to the step (received), or the step made of it (completed).',
    required: ['branch', 'excerpts', 'count'],
    properties: {
      branch: {
        type: 'string',
        description: 'index.count.generation of each fan-out, by slashes.',
      },
      excerpts: {
        type: 'array',
        items: {
          type: 'object',
          required: ['text', 'bytes'],
          properties: { text: string, bytes: { type: 'integer', minimum: 0 } },
        },
      },
      count: { type: 'integer', minimum: 0 },
    },
  },
  ProgressBatch: {
    type: 'object',
    required: ['updates'],
    properties: {
      updates: {
        type: 'array',
        items: {
          allOf: [
            { $ref: '#/components/schemas/Progress' },
            { type: 'object', required: ['job_id'], properties: { job_id: string } },
          ],
        },
      },
    },
  },
  Final: {
    type: 'object',
    required: ['status'],
    properties: {
      status: { enum: ['succeeded', 'failed'] },
      branch: { type: 'array', description: 'The path in the fan-out tree; absent for the root.' },
      result: { description: 'Of a branch that succeeded; any JSON.' },
      error: { $ref: '#/components/schemas/BranchError' },
    },
  },
} as const
