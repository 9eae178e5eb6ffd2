import type { IncomingHttpHeaders } from 'node:http'

/**
 * A call that asks for a task, in the plain form in which programs send it. The gateway answers it by
 * itself: the SDK takes as long for such a call as everything else that is done for it. Whatever is not
 * just so, is left to the SDK, and so is every refusal.
 */
export interface DirectCall {
  readonly id: string | number
  readonly name: string
  readonly meta: Readonly<Record<string, unknown>>
}

const VERSION = '2026-07-28'
const PREFIX = 'io.modelcontextprotocol/'

const META_KEYS: ReadonlySet<string> = new Set([
  ...['protocolVersion', 'clientInfo', 'clientCapabilities'].map((name) => PREFIX + name),
  ...['traceparent', 'tracestate', 'baggage'],
])

/** The call, if it is one (specification 2026-07-28, basic/transports and SEP-2663). */
export function readDirectCall(
  headers: IncomingHttpHeaders,
  body: unknown,
): DirectCall | undefined {
  if (!isRecord(body) || !hasOnly(body, BODY_KEYS) || body['jsonrpc'] !== '2.0') return undefined
  const { id, method, params } = body
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return undefined
  if (method !== 'tools/call' || !isRecord(params) || !hasOnly(params, PARAM_KEYS)) return undefined
  const { name, arguments: args = {}, _meta: meta } = params
  if (typeof name !== 'string' || !isRecord(args) || !isRecord(meta)) return undefined
  if (!hasOnly(meta, META_KEYS) || !declaresTask(meta)) return undefined
  return fits(headers, name) ? { id: id as string | number, name, meta } : undefined
}

const BODY_KEYS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params'])
const PARAM_KEYS: ReadonlySet<string> = new Set(['name', 'arguments', '_meta'])

function declaresTask(meta: Readonly<Record<string, unknown>>): boolean {
  const info = meta[`${PREFIX}clientInfo`] ?? ANONYMOUS
  if (!isRecord(info) || typeof info['name'] !== 'string' || typeof info['version'] !== 'string')
    return false
  const capabilities = meta[`${PREFIX}clientCapabilities`]
  if (meta[`${PREFIX}protocolVersion`] !== VERSION || !isRecord(capabilities)) return false
  const { extensions } = capabilities
  return hasOnly(capabilities, CAPABILITIES) && isRecord(extensions) && isRecord(extensions[TASKS])
}

const ANONYMOUS = { name: '', version: '' }

const CAPABILITIES: ReadonlySet<string> = new Set(['extensions'])
const TASKS = `${PREFIX}tasks`

/** The headers say what the body says, and that the answer can be read. */
function fits(headers: IncomingHttpHeaders, name: string): boolean {
  const { accept = '' } = headers
  return (
    headers['content-type'] === 'application/json' &&
    accept.includes('application/json') &&
    accept.includes('text/event-stream') &&
    headers['mcp-protocol-version'] === VERSION &&
    headers['mcp-method'] === 'tools/call' &&
    headers['mcp-name'] === name
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasOnly(record: Record<string, unknown>, keys: ReadonlySet<string>): boolean {
  return Object.keys(record).every((key) => keys.has(key))
}
