import * as z from 'zod/mini'

/** What a dev run answers to commands: its shapes on the wire, for both sides. */

const ERROR = z.object({
  type: z.string(),
  message: z.string(),
  step: z.string(),
  exception: z.optional(z.string()),
  traceback: z.optional(z.string()),
  attempts: z.number(),
})

/** `GET /jobs/:id/events`: progress as it changes, then the end. */
const JOB_EVENT = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('progress'),
    status: z.enum(['pending', 'running']),
    percent: z.optional(z.number()),
    step: z.optional(z.string()),
    step_index: z.optional(z.number()),
    total_steps: z.optional(z.number()),
    message: z.optional(z.string()),
  }),
  z.object({
    type: z.literal('succeeded'),
    duration_ms: z.number(),
    /** JSON texts, in the order of the fan-outs; null where a branch ended early. */
    results: z.array(z.nullable(z.string())),
  }),
  z.object({ type: z.literal('failed'), duration_ms: z.number(), errors: z.array(ERROR) }),
  z.object({ type: z.literal('cancelled'), duration_ms: z.number() }),
])

export type JobEvent = z.infer<typeof JOB_EVENT>

export function parseJobEvent(line: string): JobEvent {
  return z.parse(JOB_EVENT, JSON.parse(line))
}

const LOG_LINE = z.object({
  number: z.number(),
  timeMs: z.number(),
  source: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  text: z.string(),
  fields: z.optional(z.record(z.string(), z.unknown())),
})

export function parseLogLine(line: string): z.infer<typeof LOG_LINE> {
  return z.parse(LOG_LINE, JSON.parse(line))
}

/** `POST /calls` and `POST /errors/:id/replay`. */
const STARTED = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), job_id: z.string(), pipeline: z.string() }),
  z.object({
    type: z.literal('unknown-pipeline'),
    pipelines: z.array(z.string()),
    actors: z.array(z.string()),
  }),
  /** Nothing was done, and trying again does not help. */
  z.object({ type: z.literal('refused'), reason: z.string() }),
])

export type StartAnswer = z.infer<typeof STARTED>

export function parseStartAnswer(text: string): StartAnswer {
  return z.parse(STARTED, JSON.parse(text))
}

/** `GET /names` */
const NAMES = z.object({ pipelines: z.array(z.string()), actors: z.array(z.string()) })

export function parseNames(text: string): z.infer<typeof NAMES> {
  return z.parse(NAMES, JSON.parse(text))
}
