import { answerJson } from './answer.ts'
import { OPERATIONS, type Operation } from './openapi-operations.ts'
import { ref, SCHEMAS } from './openapi-schemas.ts'
import type { Access, Route } from './route.ts'

/** `GET /openapi.json`: these routes, as far as they are REST. */
export function openApiRoutes(routes: readonly Route[]): readonly Route[] {
  const document = toOpenApi(routes)
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      access: 'open',
      handle: () => answerJson(200, document),
    },
  ]
}

/** OpenAPI 3.1. */
function toOpenApi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const { method, path, access } of routes) {
    const operation = OPERATIONS[`${method} ${path}`]
    if (!operation) continue
    const item = (paths[path.replaceAll(/:(\w+)/g, '{$1}')] ??= {})
    item[method.toLowerCase()] = describe(operation, path, access)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Asya gateway',
      version: '0.1.0',
      description:
        'Calls pipelines as tools, and follows their jobs. MCP clients find the same at /mcp.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: TAGS,
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        caller: {
          type: 'http',
          scheme: 'bearer',
          description: 'Where callers have to prove who they are.',
        },
        sidecar: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of the sidecars, if there is one.',
        },
      },
    },
  }
}

const TAGS = [
  { name: 'tools', description: 'Pipelines that can be called' },
  { name: 'jobs', description: 'What became of calls' },
  { name: 'sidecars', description: 'What sidecars tell and ask' },
  { name: 'operations', description: 'For probes and Prometheus' },
]

function describe(operation: Operation, path: string, access: Access): object {
  const { answers, refusals = [], parameters = [], ...rest } = operation
  const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }))
  const all = [...named, ...parameters]
  const statuses = [...(EXPECTED[access] ?? []), ...refusals]
  return {
    ...rest,
    ...(all.length > 0 && { parameters: all }),
    // The empty one: where nobody has to prove anything.
    security: access === 'caller' || access === 'sidecar' ? [{ [access]: [] }, {}] : [],
    responses: {
      ...answers,
      ...Object.fromEntries(statuses.map((status) => [status, REFUSALS[status]])),
    },
  }
}

const EXPECTED: Readonly<Partial<Record<Access, readonly number[]>>> = {
  caller: [400, 401, 403, 404, 413, 429, 503],
  sidecar: [400, 401, 404, 413, 503],
  probe: [503],
}

const refusal = (description: string) => ({
  description,
  content: { 'application/json': { schema: ref('Error') } },
})

const REFUSALS: Readonly<Record<number, object>> = {
  400: refusal('The request is not what it should be'),
  401: refusal('Nobody proved who asks'),
  403: refusal('Whoever asks may not'),
  404: refusal('There is no such job, or no such tool, for whoever asks'),
  409: refusal('The job has ended, or the key was used for another call'),
  410: refusal('The job has ended: nothing more is needed of it'),
  413: refusal('The body is too large'),
  429: refusal('Too many requests, or too many streams, of one client'),
  503: refusal('The database is away, or there are too many streams: try again'),
}
