import { ConfigurationError } from '@asya/service/environment'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../config.ts'

type Environment = Readonly<Record<string, string>>

const BASE = { ASYA_DATABASE_URL: 'postgres://localhost/asya' }
const TOKEN = 'a'.repeat(64)

const read = (environment: Environment) => readConfig({ ...BASE, ...environment })

function findProblems(environment: Environment): readonly string[] {
  try {
    read(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
}

const PUBLIC = { ASYA_GATEWAY_HOST: '0.0.0.0' }
const WITH_TOKENS = { ASYA_AUTH: 'tokens', ASYA_TOKENS_PATH: '/etc/asya/tokens.yaml' }
const WITH_JWT = {
  ...{ ASYA_AUTH: 'jwt', ASYA_JWT_ISSUER: 'https://issuer.test/', ASYA_JWT_AUDIENCE: 'asya' },
}

describe('Where only this machine asks', () => {
  it.each(['127.0.0.1', '127.0.0.2', '::1', 'localhost'])(
    'nobody has to say who they are: %s',
    (host) => {
      const config = read({ ASYA_GATEWAY_HOST: host })
      expect(config.isOpenToOthers).toBe(false)
      expect(config.gateway.security).toMatchObject({
        ...{ tokensPath: undefined, jwt: undefined, sidecarToken: undefined },
        ...{ maxRequestsPerSecond: undefined, sites: { hosts: [], hasLocalOrigins: true } },
      })
    },
  )
})

describe('Where others ask', () => {
  it.each(['0.0.0.0', '::', '10.0.0.1', 'gateway.example.com', '127.0.0.1.example.com'])(
    'it has to be said how they prove who they are: %s',
    (host) => {
      expect(findProblems({ ASYA_GATEWAY_HOST: host })).toEqual([
        expect.stringMatching(/^ASYA_AUTH is not set.*expected "tokens" or "jwt"; "none"/),
      ])
    },
  )

  it('or that they need not, which is said aloud', () => {
    const config = read({ ...PUBLIC, ASYA_AUTH: 'none' })
    expect(config.isOpenToOthers).toBe(true)
    expect(config.gateway.security?.sites).toMatchObject({
      hosts: 'private',
      hasLocalOrigins: false,
    })
    expect(config.gateway.security?.maxRequestsPerSecond).toBe(1_000)
  })

  it('sidecars have a token, for whoever has none could forge results', () => {
    expect(findProblems({ ...PUBLIC, ...WITH_TOKENS })).toEqual([
      expect.stringMatching(/^ASYA_SIDECAR_TOKEN and ASYA_SIDECAR_TOKEN_FILE are not set/),
    ])
    const config = read({ ...PUBLIC, ...WITH_TOKENS, ASYA_SIDECAR_TOKEN: TOKEN })
    expect(config.gateway.security).toMatchObject({
      ...{ tokensPath: '/etc/asya/tokens.yaml', sidecarToken: { text: TOKEN } },
      ...{ sites: { hosts: 'any' }, maxRequestsPerSecond: 1_000 },
    })
  })
})

describe('What is said together', () => {
  it('can be tokens and JWTs', () => {
    const config = read({ ...WITH_TOKENS, ...WITH_JWT, ASYA_AUTH: 'tokens, jwt' })
    expect(config.gateway.security).toMatchObject({
      tokensPath: '/etc/asya/tokens.yaml',
      // As it was written: tokens say the same, with the slash.
      jwt: { issuer: 'https://issuer.test/', audiences: ['asya'], principalClaim: 'sub' },
    })
  })

  it.each<[Environment, RegExp]>([
    [{ ASYA_AUTH: 'token' }, /^ASYA_AUTH is "token": expected/],
    [{ ...WITH_JWT, ASYA_AUTH: 'none,jwt' }, /"none" and more/],
    [{ ASYA_AUTH: 'tokens' }, /ASYA_TOKENS_PATH/],
    [{ ASYA_TOKENS_PATH: '/x' }, /ASYA_TOKENS_PATH/],
    [{ ASYA_AUTH: 'jwt', ASYA_JWT_AUDIENCE: 'x' }, /ASYA_JWT_ISSUER or ASYA_JWT_JWKS_URL/],
    [{ ASYA_AUTH: 'jwt', ASYA_JWT_ISSUER: 'https://x.test' }, /ASYA_JWT_AUDIENCE is not set/],
    [{ ASYA_JWT_ISSUER: 'ftp://x' }, /an http:\/\/ or https:\/\/ URL/],
    [
      { ASYA_SIDECAR_TOKEN: 'short-secret' },
      /^ASYA_SIDECAR_TOKEN is a secret: expected at least 32/,
    ],
    [{ ASYA_SIDECAR_TOKEN: TOKEN, ASYA_SIDECAR_TOKEN_FILE: '/x' }, /expected one of them/],
    [{ ASYA_ALLOWED_HOSTS: 'https://x.test' }, /^ASYA_ALLOWED_HOSTS/],
    [{ ASYA_ALLOWED_ORIGINS: 'https://x.test/path' }, /^ASYA_ALLOWED_ORIGINS/],
    [{ ASYA_ALLOWED_ORIGINS: 'x.test' }, /^ASYA_ALLOWED_ORIGINS/],
    [{ ASYA_RATE_LIMIT: '-1' }, /^ASYA_RATE_LIMIT/],
  ])('and is bad where it contradicts itself: %j', (environment, problem) => {
    expect(findProblems(environment)).toEqual([expect.stringMatching(problem)])
  })

  it('names hosts and origins', () => {
    const environment = {
      ASYA_ALLOWED_HOSTS: 'Gateway.example.com:443, other.test',
      ASYA_ALLOWED_ORIGINS: 'https://app.example.com,http://localhost:3000',
    }
    expect(read(environment).gateway.security?.sites).toMatchObject({
      hosts: ['gateway.example.com', 'other.test'],
      origins: ['https://app.example.com', 'http://localhost:3000'],
    })
    const all = read({ ASYA_ALLOWED_HOSTS: '*', ASYA_ALLOWED_ORIGINS: '*' })
    expect(all.gateway.security?.sites).toMatchObject({ hosts: 'any', origins: 'any' })
  })
})
