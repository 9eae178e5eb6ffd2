import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '@asya/service/logger'
import { Refusal, type Answer } from '../http/answer.ts'
import type { Gatekeeper, Visitor } from '../http/gateway-server.ts'
import type { Access, Route } from '../http/route.ts'
import { toClient } from './address.ts'
import { hashToken, readBearer } from './bearer.ts'
import { challenge, type ResourceOptions } from './challenge.ts'
import { JwtVerifier, type JwtOptions } from './jwt-verifier.ts'
import { NOBODY, type Principal, type Scope } from './principal.ts'
import { RateLimit } from './rate-limit.ts'
import { isSidecarToken, parseSidecarTokens } from './sidecar-token.ts'
import { isAllowedHost, isAllowedOrigin, type SiteRules } from './site-rules.ts'
import { readTokenList, type TokenList } from './token-list.ts'
import { WatchedFile } from './watched-file.ts'

/** How callers and sidecars prove who they are. Callers need not where there are no tokens and no JWTs. */
export interface SecurityOptions {
  readonly tokensPath?: string | undefined
  readonly jwt?: JwtOptions | undefined
  /** Sidecars need none where it is unset. */
  readonly sidecarToken?: { readonly text: string } | { readonly path: string } | undefined
  readonly sites: SiteRules
  readonly publicUrl?: string | undefined
  /** Requests of one client; unlimited where it is unset. */
  readonly maxRequestsPerSecond?: number | undefined
}

/**
 * Says who comes in.
 *
 * G1 Hosts and origins are looked at before anything is done; programs that probe,
 *    and sidecars, come under any name.
 * G2 A token is compared in constant time, and nothing says more of it than that it does not hold.
 * G3 Who is limited is the principal; the address where there is none, also of whoever fails to prove one.
 */
export class Gate implements Gatekeeper {
  readonly #options: SecurityOptions
  readonly #tokens: WatchedFile<TokenList> | undefined
  readonly #jwt: JwtVerifier | undefined
  readonly #sidecarTokens: WatchedFile<readonly Buffer[]> | readonly Buffer[] | undefined
  readonly #rate: RateLimit | undefined
  readonly #resource: ResourceOptions

  constructor(options: SecurityOptions, logger: Logger) {
    const { tokensPath, jwt, maxRequestsPerSecond } = options
    const onError = (message: string): void => logger.error(message)
    this.#options = options
    this.#tokens =
      tokensPath === undefined
        ? undefined
        : new WatchedFile({
            ...{ path: tokensPath, variable: 'ASYA_TOKENS_PATH', onError },
            parse: (text) => {
              const read = readTokenList(text)
              return read.ok ? { value: read.list } : { problem: read.problem }
            },
          })
    this.#jwt = jwt && new JwtVerifier(jwt, logger)
    this.#sidecarTokens = openSidecarTokens(options.sidecarToken, onError)
    this.#rate =
      maxRequestsPerSecond === undefined ? undefined : new RateLimit(maxRequestsPerSecond)
    this.#resource = toResource(options)
  }

  /** Throws a ConfigurationError when a file of tokens cannot be read. */
  async start(): Promise<void> {
    await this.#tokens?.start()
    if (this.#sidecarTokens instanceof WatchedFile) await this.#sidecarTokens.start()
    await this.#jwt?.start()
  }

  close(): void {
    this.#tokens?.close()
    if (this.#sidecarTokens instanceof WatchedFile) this.#sidecarTokens.close()
  }

  /** (G1) */
  admit(
    request: IncomingMessage,
    response: ServerResponse,
    access: Access | undefined,
  ): Answer | undefined {
    const { sites } = this.#options
    const { host, origin } = request.headers
    const isInside = access === 'probe' || access === 'sidecar'
    // Programs send no origin; a page that does could be of a stranger, under a name of its own.
    const isExempt = isInside && origin === undefined
    if (!isExempt && !isAllowedHost(host, sites)) throw hostRefusal(host)
    if (origin === undefined) return undefined
    if (!isAllowedOrigin(origin, host, sites)) throw originRefusal(origin)
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('vary', 'origin')
    response.setHeader('access-control-expose-headers', EXPOSED_HEADERS)
    return answerPreflight(request)
  }

  async identify(request: IncomingMessage, { access, method, scope }: Route): Promise<Visitor> {
    const address = toClient(request.socket.remoteAddress)
    const nobody = { principal: '', client: address }
    switch (access) {
      case 'probe':
        return nobody
      case 'sidecar':
        this.#checkSidecar(request, address)
        return nobody
      case 'open':
        this.#limit(address)
        return nobody
      case 'caller': {
        const principal = await this.#findPrincipal(request, address)
        const client = principal.name || address
        this.#limit(client)
        this.#checkScope(request, principal, scope ?? (method === 'GET' ? 'read' : 'call'))
        return { principal: principal.name, client }
      }
    }
  }

  async #findPrincipal(request: IncomingMessage, address: string): Promise<Principal> {
    if (!this.#tokens && !this.#jwt) return NOBODY
    const token = readBearer(request)
    if (token === undefined) {
      this.#limit(address)
      const message = 'this needs a token: send "Authorization: Bearer <token>"'
      throw challenge(new Refusal(401, 'unauthenticated', message), request, this.#resource)
    }
    const listed = this.#tokens?.value?.find(hashToken(token))
    if (listed?.type === 'valid') return listed.principal
    if (listed?.type === 'expired') throw this.#refuseToken(request, address, 'it has expired')
    if (!this.#jwt || !JWT.test(token))
      throw this.#refuseToken(request, address, 'it is not known here')
    const verified = await this.#jwt.verify(token)
    if (verified.type === 'valid') return verified.principal
    if (verified.type === 'invalid') throw this.#refuseToken(request, address, verified.reason)
    const message = 'the keys of the issuer of tokens cannot be fetched: try again in a moment'
    throw new Refusal(503, 'keys_unavailable', message).with({ 'retry-after': '30' })
  }

  #refuseToken(request: IncomingMessage, address: string, reason: string): Refusal {
    this.#limit(address)
    const refusal = new Refusal(401, 'invalid_token', `the token does not hold: ${reason}`)
    const description = `the token does not hold: ${reason.replaceAll('"', "'")}`
    return challenge(refusal, request, { ...this.#resource, error: 'invalid_token', description })
  }

  #checkScope(request: IncomingMessage, { scopes }: Principal, needed: Scope): void {
    if (scopes.has(needed)) return
    const message = `the token may not do this: it lacks the scope ${JSON.stringify(needed)}`
    throw challenge(new Refusal(403, 'insufficient_scope', message), request, {
      ...{ ...this.#resource, error: 'insufficient_scope' as const },
      scope: this.#resource.hasScopes ? `asya:${needed}` : needed,
    })
  }

  #checkSidecar(request: IncomingMessage, address: string): void {
    if (!this.#sidecarTokens) return
    const hashes =
      this.#sidecarTokens instanceof WatchedFile ? this.#sidecarTokens.value : this.#sidecarTokens
    const token = readBearer(request)
    if (token !== undefined && isSidecarToken(token, hashes ?? [])) return
    this.#limit(address)
    const message = 'this is for sidecars: it needs their token (ASYA_GATEWAY_TOKEN of a sidecar)'
    throw new Refusal(401, 'unauthenticated', message).with({
      'www-authenticate': 'Bearer realm="asya-sidecars"',
    })
  }

  /** (G3) */
  #limit(client: string): void {
    const waitS = this.#rate?.take(client) ?? 0
    if (waitS === 0) return
    const limit = this.#options.maxRequestsPerSecond ?? 0
    const message = `more than ${limit} requests a second: wait, then go on (ASYA_RATE_LIMIT)`
    throw new Refusal(429, 'too_many_requests', message).with({ 'retry-after': String(waitS) })
  }
}

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/

const EXPOSED_HEADERS =
  'location, retry-after, www-authenticate, mcp-protocol-version, mcp-session-id'

/** What a browser asks before it lets a page ask. */
function answerPreflight({ method, headers }: IncomingMessage): Answer | undefined {
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined)
    return undefined
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, DELETE',
      // The origin is allowed: whatever headers its pages need.
      'access-control-allow-headers': headers['access-control-request-headers'] ?? 'authorization',
      'access-control-max-age': '600',
    },
    body: '',
  }
}

function hostRefusal(host: string | undefined): Refusal {
  const shown = JSON.stringify((host ?? '').slice(0, 100))
  const message = `this gateway is not asked as ${shown}: add the name to ASYA_ALLOWED_HOSTS`
  return new Refusal(403, 'host_refused', message)
}

function originRefusal(origin: string): Refusal {
  const shown = JSON.stringify(origin.slice(0, 100))
  const message = `pages of ${shown} may not ask this gateway: add the origin to ASYA_ALLOWED_ORIGINS`
  return new Refusal(403, 'origin_refused', message)
}

function openSidecarTokens(
  token: SecurityOptions['sidecarToken'],
  onError: (message: string) => void,
): WatchedFile<readonly Buffer[]> | readonly Buffer[] | undefined {
  if (!token) return undefined
  if ('text' in token) return [hashToken(token.text)]
  const { path } = token
  const variable = 'ASYA_SIDECAR_TOKEN_FILE'
  return new WatchedFile({ path, variable, parse: parseSidecarTokens, onError })
}

/** Everybody who reaches the gateway may use it; pages of strangers, in browsers that do, may not. */
export const LOCAL_ONLY: SecurityOptions = {
  sites: { hosts: [], origins: [], hasLocalOrigins: true },
}

export function toResource({ publicUrl, jwt }: SecurityOptions): ResourceOptions {
  return { publicUrl, issuer: jwt?.issuer, hasScopes: jwt?.hasScopes ?? false }
}
