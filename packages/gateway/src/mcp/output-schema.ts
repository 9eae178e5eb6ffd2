import { JOB_STATES } from '../jobs/job.ts'
import type { GatewayTool } from '../tools/tool.ts'
import type { Era } from './exchange.ts'

type Schema = Readonly<Record<string, unknown>>

const JOB_PROPERTIES: Schema = {
  job_id: { type: 'string', description: 'Give it to job_wait or job_cancel.' },
  state: { enum: [...JOB_STATES] },
  percent: { type: 'number', minimum: 0, maximum: 100 },
  message: { type: 'string' },
  errors: { type: 'array', items: { type: 'object' } },
}

/** What is said of a job that goes on, or that has no result. */
const JOB_SCHEMA: Schema = {
  type: 'object',
  description: 'The job goes on: job_wait waits for its result. Or it ended without a result.',
  required: ['job_id', 'state'],
  properties: JOB_PROPERTIES,
}

/** A build writes its schemas in this dialect; without a word MCP would take them for a newer one. */
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#'

export function declareDialect(schema: Schema): Schema {
  return '$schema' in schema ? schema : { $schema: DRAFT_07, ...schema }
}

/**
 * What a tool's structured content is: the value itself, or a job; since 2026-07-28 it may be of any type.
 * Before, it is an object, with the value as its `result`. Undefined when the tool does not say.
 */
export function toOutputSchema(tool: GatewayTool, era: Era): Schema | undefined {
  if (tool.results === 'none') return declareDialect(JOB_SCHEMA)
  if (!tool.outputSchema) return undefined
  // What the schema refers to must stay at the root of the document.
  const { $schema = DRAFT_07, definitions, $defs, ...one } = tool.outputSchema
  const shared = {
    ...(definitions !== undefined && { definitions }),
    ...($defs !== undefined && { $defs }),
  }
  const value = toValueSchema(one, tool)
  if (era === 'modern') return { $schema, anyOf: [value, JOB_SCHEMA], ...shared }
  const properties = { ...JOB_PROPERTIES, result: value }
  return { $schema, ...JOB_SCHEMA, properties, ...shared }
}

const NULL: Schema = { type: 'null' }

function toValueSchema(one: Schema, { results }: GatewayTool): Schema {
  switch (results) {
    case 'one':
    case 'none':
      return one
    case 'optional':
      return { anyOf: [one, NULL] }
    case 'many':
      // A branch that ended early has no result, and one that failed has none where that is allowed.
      return { type: 'array', items: { anyOf: [one, NULL] } }
  }
}
