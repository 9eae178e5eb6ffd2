import { isId } from '@asya/protocol'
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose'
import type { Logger } from '@asya/service/logger'
import { discoverKeysUrl } from './discovery.ts'
import { SCOPES, type Principal } from './principal.ts'

export interface JwtOptions {
  /** Must be what tokens say; found there is where the keys are, if `jwksUrl` does not say it. */
  readonly issuer: string | undefined
  readonly jwksUrl: string | undefined
  readonly audiences: readonly string[]
  /** The claim that names the principal. */
  readonly principalClaim: string
  /** Whether a token may only do what its scopes say: `asya:read`, `asya:call`. */
  readonly hasScopes: boolean
  readonly clockToleranceMs: number
}

export type VerifiedJwt =
  | { readonly type: 'valid'; readonly principal: Principal }
  /** `reason` is for whoever sent it, and shows nothing of it. */
  | { readonly type: 'invalid'; readonly reason: string }
  /** No keys could be had, ever. */
  | { readonly type: 'keyless' }

/** Only what is checked by a public key: with others, whoever may check may also sign. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** Keys are fetched again when they are this old, while the old ones go on serving. */
const REFRESH_MS = 600_000

/** Also how often a key that nobody knows makes us ask: tokens can be made up. */
const RETRY_MS = 30_000
const FETCH_TIMEOUT_MS = 5_000

/** Prefixed, so that a name which an identity provider gives out is none of the tokens' file. */
const PREFIX = 'jwt:'

/** What of a JWKS is used; made by the library. */
type KeySet = ReturnType<typeof createRemoteJWKSet>

/**
 * Checks tokens of an issuer.
 *
 * V1 Keys that were had once serve while the issuer is away.
 * V2 However many tokens come, and with whatever keys, the issuer is asked once in RETRY_MS.
 */
export class JwtVerifier {
  readonly #options: JwtOptions
  readonly #logger: Logger
  #keys: KeySet | undefined
  #opening: Promise<void> | undefined
  #askedAt = -Infinity
  #fetchedAt = -Infinity

  constructor(options: JwtOptions, logger: Logger) {
    this.#options = options
    this.#logger = logger
  }

  /** Fetches the keys; an issuer that is away is asked again later. */
  async start(): Promise<void> {
    await this.#refresh()
  }

  async verify(token: string): Promise<VerifiedJwt> {
    const now = Date.now()
    if (now - this.#fetchedAt > REFRESH_MS && now - this.#askedAt > RETRY_MS) {
      const refreshed = this.#refresh()
      if (!this.#keys) await refreshed
    }
    if (!this.#keys) return { type: 'keyless' }
    const first = await this.#verifyNow(token)
    if (first !== 'no_key') return first
    if (now - this.#askedAt > RETRY_MS) await this.#refresh()
    else await this.#opening
    const second = await this.#verifyNow(token)
    return second === 'no_key'
      ? invalid('it is signed with a key that its issuer does not have')
      : second
  }

  async #verifyNow(token: string): Promise<VerifiedJwt | 'no_key'> {
    const { issuer, audiences, clockToleranceMs, principalClaim } = this.#options
    const keys = this.#keys
    if (!keys) return { type: 'keyless' }
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...(issuer === undefined ? {} : { issuer }),
        audience: [...audiences],
        algorithms: ALGORITHMS,
        clockTolerance: clockToleranceMs / 1_000,
        requiredClaims: ['exp', principalClaim],
      })
      return this.#toVerified(payload)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return 'no_key'
      return invalid(explain(error))
    }
  }

  #toVerified(payload: JWTPayload): VerifiedJwt {
    const { principalClaim, hasScopes } = this.#options
    const name = payload[principalClaim]
    if (!isId(name) || !isId(PREFIX + name)) return invalid('its principal is no name')
    const granted = hasScopes ? readScopes(payload) : undefined
    const scopes = granted ? SCOPES.filter((scope) => granted.includes(`asya:${scope}`)) : SCOPES
    return { type: 'valid', principal: { name: PREFIX + name, scopes: new Set(scopes) } }
  }

  #refresh(): Promise<void> {
    this.#opening ??= this.#fetch()
      .catch((error: unknown) => {
        const hasKeys = this.#keys !== undefined
        this.#logger.warn(
          { error: error instanceof Error ? error.message : String(error), has_keys: hasKeys },
          hasKeys
            ? 'the keys of the issuer could not be fetched again: the old ones serve'
            : 'the keys of the issuer could not be fetched: its tokens cannot be checked',
        )
      })
      .finally(() => {
        this.#opening = undefined
      })
    return this.#opening
  }

  async #fetch(): Promise<void> {
    this.#askedAt = Date.now()
    const { issuer, jwksUrl } = this.#options
    const url = jwksUrl ?? (await discoverKeysUrl(issuer ?? '', FETCH_TIMEOUT_MS))
    // It never asks by itself: when to ask is said above.
    const keys = createRemoteJWKSet(new URL(url), {
      cacheMaxAge: Infinity,
      cooldownDuration: Infinity,
      timeoutDuration: FETCH_TIMEOUT_MS,
    })
    await keys.reload()
    this.#keys = keys
    this.#fetchedAt = Date.now()
  }
}

function invalid(reason: string): VerifiedJwt {
  return { type: 'invalid', reason }
}

function readScopes({ scope, scp }: JWTPayload): readonly string[] {
  const given = scope ?? scp
  if (typeof given === 'string') return given.split(' ')
  return Array.isArray(given) ? given.filter((name) => typeof name === 'string') : []
}

function explain(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its claim ${JSON.stringify(error.claim)} is not what is expected here`
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not fit'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not allowed'
  return 'it is no token that can be checked'
}
