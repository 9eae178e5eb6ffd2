import type { IncomingMessage } from 'node:http'
import { answerJson, type Refusal } from '../http/answer.ts'
import type { Route } from '../http/route.ts'
import { SCOPES } from './principal.ts'
import { readHostName } from './site-rules.ts'

/** What clients learn about how they could authenticate (RFC 6750, RFC 9728). */

const METADATA_PATH = '/.well-known/oauth-protected-resource'
const MCP_PATH = '/mcp'

export interface ResourceOptions {
  /** Where callers reach the gateway; without it, what they asked. */
  readonly publicUrl: string | undefined
  readonly issuer: string | undefined
  /** Whether tokens of the issuer need scopes. */
  readonly hasScopes: boolean
}

/** The description of the gateway as a protected resource, for itself and for its MCP endpoint. */
export function resourceRoutes(options: ResourceOptions): readonly Route[] {
  return ['', MCP_PATH].map((path) => ({
    method: 'GET',
    path: `${METADATA_PATH}${path}`,
    access: 'open',
    handle: ({ request }) =>
      answerJson(200, {
        resource: `${findPublicUrl(request, options)}${path}`,
        ...(options.issuer === undefined ? {} : { authorization_servers: [options.issuer] }),
        bearer_methods_supported: ['header'],
        ...(options.hasScopes ? { scopes_supported: SCOPES.map((scope) => `asya:${scope}`) } : {}),
        resource_name: 'Asya gateway',
      }),
  }))
}

interface Challenge {
  readonly error?: 'invalid_token' | 'insufficient_scope'
  readonly description?: string
  readonly scope?: string
}

/** A refusal with the header that says how one could be let in. */
export function challenge(
  refusal: Refusal,
  request: IncomingMessage,
  { error, description, scope, ...options }: Challenge & ResourceOptions,
): Refusal {
  const path = isOfMcp(request.url) ? MCP_PATH : ''
  const parts = {
    realm: 'asya',
    error,
    error_description: description,
    scope,
    resource_metadata: `${findPublicUrl(request, options)}${METADATA_PATH}${path}`,
  }
  const shown = Object.entries(parts).filter(([, value]) => value !== undefined)
  const text = shown.map(([name, value]) => `${name}="${value}"`).join(', ')
  return refusal.with({ 'www-authenticate': `Bearer ${text}` })
}

function isOfMcp(url: string | undefined): boolean {
  return /^\/mcp(?:[/?]|$)/.test(url ?? '')
}

/** The answer goes to whoever sent these headers: they could only mislead themselves. */
function findPublicUrl(request: IncomingMessage, { publicUrl }: ResourceOptions): string {
  if (publicUrl !== undefined) return publicUrl
  const { host, 'x-forwarded-proto': scheme } = request.headers
  const name = readHostName(host) === undefined ? 'localhost' : (host ?? '')
  // Of a header: quotes would end the text that it is put into.
  return `${scheme === 'https' ? 'https' : 'http'}://${encodeURI(name)}`
}
