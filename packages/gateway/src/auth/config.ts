import { parseDurationMs } from '@asya/protocol'
import {
  boolean,
  httpUrl,
  integer,
  parsed,
  text,
  withDefault,
  type Values,
  type Variable,
} from '@asya/service/environment'
import { isLoopback } from './address.ts'
import type { SecurityOptions } from './gate.ts'
import { isFitForSidecars, SIDECAR_TOKEN } from './sidecar-token.ts'
import { readHostName, type SiteRules } from './site-rules.ts'

const path = () => withDefault(text('a path'), undefined)

const url = () => withDefault(httpUrl(), undefined)

/** Names with commas between. */
function list<T>(parse: (item: string) => T | undefined, allowed: string): Variable<readonly T[]> {
  return parsed((value) => {
    const items = value.split(',').map((item) => parse(item.trim()))
    return items.every((item) => item !== undefined) ? items : undefined
  }, `${allowed}, with commas between`)
}

export const SECURITY_VARIABLES = {
  ASYA_AUTH: withDefault(
    list((item) => WAYS.find((way) => way === item.toLowerCase()), '"none", or "tokens" and "jwt"'),
    undefined,
  ),
  ASYA_TOKENS_PATH: path(),
  ASYA_JWT_ISSUER: withDefault(
    // As it is written: tokens have to say the same, to the last slash.
    parsed(
      (value) => (/^https?:$/.test(URL.parse(value)?.protocol ?? '') ? value : undefined),
      'an http:// or https:// URL',
    ),
    undefined,
  ),
  ASYA_JWT_JWKS_URL: url(),
  ASYA_JWT_AUDIENCE: withDefault(
    list((item) => item || undefined, 'what tokens have as "aud"'),
    undefined,
  ),
  ASYA_JWT_PRINCIPAL_CLAIM: withDefault(text('the name of a claim'), 'sub'),
  ASYA_JWT_SCOPES: withDefault(boolean(), false),
  ASYA_JWT_CLOCK_TOLERANCE: withDefault(parsed(parseDurationMs, 'a duration such as 30s'), 30_000),
  ASYA_SIDECAR_TOKEN: {
    ...withDefault(
      parsed((value) => (isFitForSidecars(value) ? value : undefined), SIDECAR_TOKEN),
      undefined,
    ),
    isSecret: true,
  },
  ASYA_SIDECAR_TOKEN_FILE: path(),
  ASYA_ALLOWED_HOSTS: withDefault(
    list((item) => (item === '*' ? item : readHostName(item)), 'names such as gateway.example.com'),
    undefined,
  ),
  ASYA_ALLOWED_ORIGINS: withDefault(
    list(
      (item) => (item === '*' || URL.parse(item)?.origin === item ? item : undefined),
      'origins such as https://app.example.com',
    ),
    undefined,
  ),
  ASYA_PUBLIC_URL: url(),
  ASYA_RATE_LIMIT: withDefault(integer(0, 1_000_000), undefined),
} as const

const WAYS = ['none', 'tokens', 'jwt'] as const

type SecurityValues = Values<typeof SECURITY_VARIABLES>

/** Requests a second, of one client: where strangers could ask. */
const RATE_LIMIT = 1_000

/** What the variables say against each other, and against where the gateway listens. */
export function findSecurityProblems(values: SecurityValues, host: string): readonly string[] {
  const { ASYA_AUTH: ways, ASYA_TOKENS_PATH: tokensPath, ASYA_JWT_AUDIENCE: audience } = values
  const { ASYA_SIDECAR_TOKEN: sidecarToken, ASYA_SIDECAR_TOKEN_FILE: sidecarPath } = values
  const keys = values.ASYA_JWT_ISSUER ?? values.ASYA_JWT_JWKS_URL
  const hasSidecarToken = sidecarToken !== undefined || sidecarPath !== undefined
  const has = (way: (typeof WAYS)[number]): boolean => ways?.includes(way) ?? false
  const problems: string[] = []
  const expect = (isFine: boolean, problem: string): void => {
    if (!isFine) problems.push(problem)
  }
  expect(
    ways !== undefined || isLoopback(host),
    `ASYA_AUTH is not set, and ASYA_GATEWAY_HOST is ${JSON.stringify(host)}, which others reach: expected "tokens" or "jwt"; "none" lets everybody in`,
  )
  expect(!has('none') || ways?.length === 1, 'ASYA_AUTH is "none" and more: expected one of both')
  expect(
    has('tokens') === (tokensPath !== undefined),
    'ASYA_AUTH has "tokens" where ASYA_TOKENS_PATH is set, and only there: expected both or none',
  )
  expect(
    has('jwt') === (keys !== undefined),
    'ASYA_AUTH has "jwt" where ASYA_JWT_ISSUER or ASYA_JWT_JWKS_URL is set, and only there: expected both or none',
  )
  expect(
    !has('jwt') || audience !== undefined,
    'ASYA_JWT_AUDIENCE is not set: expected what the issuer puts into tokens for this gateway; any of its tokens would be taken without it',
  )
  expect(
    sidecarToken === undefined || sidecarPath === undefined,
    'ASYA_SIDECAR_TOKEN and ASYA_SIDECAR_TOKEN_FILE are both set: expected one of them',
  )
  expect(
    hasSidecarToken || isLoopback(host) || ways === undefined || has('none'),
    'ASYA_SIDECAR_TOKEN and ASYA_SIDECAR_TOKEN_FILE are not set: expected one of them, for whoever can tell a gateway that a job has ended can forge its result',
  )
  return problems
}

export function toSecurityOptions(values: SecurityValues, host: string): SecurityOptions {
  const isOpen = !values.ASYA_AUTH || values.ASYA_AUTH.includes('none')
  const rate = values.ASYA_RATE_LIMIT ?? (isOpen && isLoopback(host) ? 0 : RATE_LIMIT)
  const { ASYA_SIDECAR_TOKEN: token, ASYA_SIDECAR_TOKEN_FILE: tokenPath } = values
  const sidecarToken =
    tokenPath === undefined
      ? token === undefined
        ? undefined
        : { text: token }
      : { path: tokenPath }
  return {
    tokensPath: values.ASYA_TOKENS_PATH,
    jwt: toJwtOptions(values),
    sidecarToken,
    sites: toSiteRules(values, { isOpen, isLocal: isLoopback(host) }),
    publicUrl: values.ASYA_PUBLIC_URL,
    maxRequestsPerSecond: rate === 0 ? undefined : rate,
  }
}

function toJwtOptions(values: SecurityValues): SecurityOptions['jwt'] {
  const audiences = values.ASYA_JWT_AUDIENCE
  if (!values.ASYA_AUTH?.includes('jwt') || !audiences) return undefined
  return {
    issuer: values.ASYA_JWT_ISSUER,
    jwksUrl: values.ASYA_JWT_JWKS_URL,
    audiences,
    principalClaim: values.ASYA_JWT_PRINCIPAL_CLAIM,
    hasScopes: values.ASYA_JWT_SCOPES,
    clockToleranceMs: values.ASYA_JWT_CLOCK_TOLERANCE,
  }
}

function toSiteRules(
  { ASYA_ALLOWED_HOSTS: hosts, ASYA_ALLOWED_ORIGINS: origins = [] }: SecurityValues,
  { isOpen, isLocal }: { isOpen: boolean; isLocal: boolean },
): SiteRules {
  const unset = isLocal ? [] : isOpen ? 'private' : 'any'
  return {
    hosts: hosts?.includes('*') ? 'any' : (hosts ?? unset),
    origins: origins.includes('*') ? 'any' : origins,
    hasLocalOrigins: isLocal,
  }
}
