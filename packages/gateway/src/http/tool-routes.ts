import { isUtf8 } from 'node:buffer'
import { parseJson, parseText, scanObject, stringifyToBytes, type JsonBytes } from '@asya/protocol'
import { isIdempotencyKey, MAX_KEY_LENGTH } from '../jobs/job.ts'
import type { Jobs, Started } from '../jobs/jobs.ts'
import type { GatewayTool } from '../tools/tool.ts'
import type { ToolSet } from '../tools/tool-set.ts'
import { answerBytes, answerJson, Refusal, type Answer } from './answer.ts'
import { writeJob } from './job-json.ts'
import type { Asked, Route } from './route.ts'
import { readTraceHeaders } from './trace-headers.ts'
import type { StreamLimits } from './stream-limits.ts'

export interface ToolRouteParts {
  readonly tools: ToolSet
  readonly jobs: Jobs
  /** Of calls that wait. */
  readonly limits: StreamLimits
}

/** Lists the tools and calls them. */
export function toolRoutes(parts: ToolRouteParts): readonly Route[] {
  const { tools } = parts
  return [
    {
      method: 'GET',
      path: '/tools',
      access: 'caller',
      handle: () => answerJson(200, { tools: tools.list().map(describeTool) }),
    },
    {
      method: 'POST',
      path: '/tools/call',
      access: 'caller',
      handle: (asked) => call(parts, asked),
    },
  ]
}

function describeTool(tool: GatewayTool) {
  const { name, title, description, deprecated, inputSchema, outputSchema, results, route } = tool
  return {
    ...{ name, title, description, deprecated, input_schema: inputSchema },
    ...{ output_schema: outputSchema, results, route, timeout_ms: tool.timeoutMs },
  }
}

interface CallBody {
  readonly name: string
  readonly arguments: JsonBytes
  /** How long the caller waits for the end; at once without it. */
  readonly waitMs: number
}

const MAX_WAIT_MS = 55_000

async function call(parts: ToolRouteParts, asked: Asked): Promise<Answer> {
  const { tools, jobs, limits } = parts
  const body = readCall(await asked.readBody())
  const tool = tools.find(body.name)
  if (!tool) throw noSuchTool(body.name, tools)
  const checked = tool.toPayload(body.arguments)
  if (!checked.ok) throw new Refusal(400, 'invalid_arguments', checked.problems.join('; '))
  const started = await jobs.start({
    tool: tool.name,
    principal: asked.principal,
    route: tool.route,
    payload: checked.payload,
    headers: readTraceHeaders(asked.request.headers),
    isPartial: tool.isPartial,
    idempotencyKey: readKey(asked),
    timeoutMs: tool.timeoutMs,
  })
  if (started.type === 'conflict') throw conflict(started)
  if (body.waitMs === 0) return handle(started)
  const signal = abortOnClose(asked)
  const release = limits.take(asked.client)
  const ended = await jobs.waitForEnd(started.jobId, body.waitMs, signal).finally(release)
  return ended ? answerBytes(200, writeJob(ended.job, ended.end)) : handle(started)
}

function handle({ jobId, type }: Started): Answer {
  const headers = { location: `/jobs/${jobId}` }
  return answerJson(202, { job_id: jobId, repeated: type === 'repeated' }, headers)
}

/** Whoever goes away waits no more. The job goes on. */
function abortOnClose({ response }: Asked): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => controller.abort())
  return controller.signal
}

function readCall(bytes: Buffer): CallBody {
  const scanned = isUtf8(bytes) ? scanObject(bytes) : undefined
  if (!scanned?.ok) throw badCall('the body is no JSON object')
  const members = new Map(scanned.value.map(({ name, value }) => [name, value]))
  if (members.size < scanned.value.length) throw badCall('a member is named twice')
  const nameBytes = members.get('name')
  const name = nameBytes && parseText(nameBytes)
  if (name === undefined) throw badCall('"name" is missing, or no text')
  return {
    name,
    arguments: members.get('arguments') ?? stringifyToBytes({}),
    waitMs: readWait(members.get('wait_ms')),
  }
}

function readWait(bytes: JsonBytes | undefined): number {
  if (!bytes) return 0
  const waitMs = parseJson(bytes)
  if (typeof waitMs === 'number' && waitMs >= 0 && waitMs <= MAX_WAIT_MS) return waitMs
  throw badCall(`"wait_ms" is not a number from 0 to ${MAX_WAIT_MS}`)
}

function badCall(reason: string): Refusal {
  const message = `${reason}: expected {"name": …, "arguments": {…}, "wait_ms"?: …}`
  return new Refusal(400, 'bad_call', message)
}

function noSuchTool(name: string, tools: ToolSet): Refusal {
  const known = tools.list().map((tool) => tool.name)
  const shown = known.slice(0, 20).join(', ') || 'none'
  const message = `there is no tool ${JSON.stringify(name.slice(0, 100))}; there are: ${shown}`
  return new Refusal(404, 'no_such_tool', message)
}

function readKey({ request }: Asked): string | undefined {
  const header = request.headers['idempotency-key']
  if (header === undefined || isIdempotencyKey(header)) return header
  const message = `Idempotency-Key is no text of 1 to ${MAX_KEY_LENGTH} characters`
  throw new Refusal(400, 'bad_idempotency_key', message)
}

function conflict({ jobId }: Started): Refusal {
  const message = `the Idempotency-Key was used for a call with other arguments: job ${jobId}`
  return new Refusal(409, 'idempotency_conflict', message)
}
