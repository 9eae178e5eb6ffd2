import { createLogger } from '@asya/service/logger'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { JwtVerifier, type JwtOptions } from './jwt-verifier.ts'

const ISSUER = 'https://issuer.test/realms/asya'
const DISCOVERY = `${ISSUER}/.well-known/openid-configuration`
const JWKS = 'https://issuer.test/keys'
const AUDIENCE = 'https://gateway.test/mcp'

const server = setupServer()
let logged: string[] = []
const logger = createLogger({ level: 'debug', write: (line) => logged.push(line) })

type Keys = Awaited<ReturnType<typeof generateKeyPair>>
let first: Keys
let second: Keys
let asked = 0

beforeAll(async () => {
  server.listen()
  first = await generateKeyPair('ES256', { extractable: true })
  second = await generateKeyPair('RS256', { extractable: true })
})

beforeEach(() => {
  asked = 0
  logged = []
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})

afterEach(() => {
  vi.useRealTimers()
  server.resetHandlers()
})

afterAll(() => {
  server.close()
})

async function toJwk({ publicKey }: Keys, kid: string) {
  return { ...(await exportJWK(publicKey)), kid, use: 'sig' }
}

async function serve(...keys: readonly [string, Keys][]): Promise<void> {
  const published = await Promise.all(keys.map(([kid, pair]) => toJwk(pair, kid)))
  server.use(
    http.get(DISCOVERY, () => HttpResponse.json({ issuer: ISSUER, jwks_uri: JWKS })),
    http.get(JWKS, () => {
      asked++
      return HttpResponse.json({ keys: published })
    }),
  )
}

const options: JwtOptions = {
  ...{ issuer: ISSUER, jwksUrl: undefined, audiences: [AUDIENCE], principalClaim: 'sub' },
  ...{ hasScopes: false, clockToleranceMs: 30_000 },
}

async function start(more: Partial<JwtOptions> = {}): Promise<JwtVerifier> {
  const verifier = new JwtVerifier({ ...options, ...more }, logger)
  await verifier.start()
  return verifier
}

interface Made {
  readonly claims?: JWTPayload
  readonly kid?: string
  readonly pair?: Keys
  readonly alg?: string
  readonly expiresInS?: number
}

function make({
  claims = {},
  kid = 'one',
  pair = first,
  alg = 'ES256',
  expiresInS = 60,
}: Made = {}) {
  const now = Math.floor(Date.now() / 1_000)
  return new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: now + expiresInS, ...claims })
    .setProtectedHeader({ alg, kid })
    .sign(pair.privateKey)
}

const away = () => server.use(http.get('https://issuer.test/*', () => HttpResponse.error()))

describe('A token of the issuer', () => {
  it('names its principal, apart from names in the file of tokens', async () => {
    await serve(['one', first])
    const verifier = await start()
    expect(await verifier.verify(await make())).toMatchObject({
      type: 'valid',
      principal: { name: 'jwt:alice', scopes: new Set(['read', 'call']) },
    })
  })

  it('names it by the claim that is asked for', async () => {
    await serve(['one', first])
    const verifier = await start({ principalClaim: 'email' })
    const token = await make({ claims: { email: 'a@b.test' } })
    expect(await verifier.verify(token)).toMatchObject({ principal: { name: 'jwt:a@b.test' } })
    expect(await verifier.verify(await make())).toMatchObject({ type: 'invalid' })
  })

  it('may do what its scopes say, where they count', async () => {
    await serve(['one', first])
    const verifier = await start({ hasScopes: true })
    for (const [claims, scopes] of [
      [{ scope: 'openid asya:read' }, ['read']],
      [{ scp: ['asya:call', 'asya:read'] }, ['read', 'call']],
      [{ scope: 'openid' }, []],
      [{ scope: 7 }, []],
      [{}, []],
    ] as const) {
      const verified = await verifier.verify(await make({ claims }))
      expect(verified).toMatchObject({ principal: { scopes: new Set(scopes) } })
    }
  })

  it('holds a little longer than it says, for clocks differ', async () => {
    await serve(['one', first])
    const verifier = await start()
    expect(await verifier.verify(await make({ expiresInS: -20 }))).toMatchObject({ type: 'valid' })
    expect(await verifier.verify(await make({ expiresInS: -40 }))).toEqual({
      ...{ type: 'invalid', reason: 'it has expired' },
    })
  })
})

describe('What is refused', () => {
  const forge = async (header: object, payload: object): Promise<string> => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    return Promise.resolve(`${encode(header)}.${encode(payload)}.${'A'.repeat(86)}`)
  }
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp: 4_102_444_800 }

  const cases: Record<string, () => Promise<string>> = {
    'a token of another issuer': () => make({ claims: { iss: 'https://evil.test' } }),
    'a token for another audience': () => make({ claims: { aud: 'https://other.test' } }),
    'a token without an audience': () => make({ claims: { aud: undefined } as never }),
    'a token that never expires': () => make({ claims: { exp: undefined } as never }),
    'a token that is not valid yet': () =>
      make({ claims: { nbf: Math.floor(Date.now() / 1_000) + 600 } }),
    'a token signed by somebody else': () => make({ pair: second, alg: 'RS256' }),
    'a token that says its signature is of another kind': () =>
      forge({ alg: 'HS256', kid: 'one' }, claims),
    'a token without a signature': () => forge({ alg: 'none' }, claims),
    'a token that brings its own key': async () => {
      const jwk = await exportJWK(second.publicKey)
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', jwk, kid: 'mine' })
        .sign(second.privateKey)
    },
    'a token with a critical extension': () =>
      forge({ alg: 'ES256', kid: 'one', crit: ['x'], x: 1 }, claims),
    'a principal that is a number': () => make({ claims: { sub: 7 as never } }),
    'a principal with NUL': () => make({ claims: { sub: 'a\0b' } }),
    'a principal with half a character': () => make({ claims: { sub: 'a\ud800' } }),
    'a principal that is empty': () => make({ claims: { sub: '' } }),
    'a principal that is very long': () => make({ claims: { sub: 'a'.repeat(300) } }),
    'what is no token': () => Promise.resolve('a.b.c'),
  }

  it.each(Object.entries(cases))('%s', async (_, token) => {
    await serve(['one', first])
    const verifier = await start()
    expect(await verifier.verify(await token())).toMatchObject({ type: 'invalid' })
  })

  it('shows nothing of the token, in its reason and in the log', async () => {
    await serve(['one', first])
    const verifier = await start()
    const token = await make({ claims: { sub: 'secret-name', aud: 'secret-audience' } })
    const verified = await verifier.verify(token)
    const shown = JSON.stringify(verified) + logged.join()
    for (const part of ['secret', ...token.split('.')]) expect(shown).not.toContain(part)
  })
})

describe('Keys', () => {
  it('that were had once serve while the issuer is away (V1)', async () => {
    await serve(['one', first])
    const verifier = await start()
    away()
    for (let hours = 0; hours < 24; hours++) {
      vi.setSystemTime(Date.now() + 3_600_000)
      expect(await verifier.verify(await make())).toMatchObject({ type: 'valid' })
    }
    await vi.waitFor(() => expect(logged.join()).toContain('the old ones serve'))
  })

  it.each([
    ['no JSON', () => new HttpResponse('<html>')],
    ['no keys', () => HttpResponse.json({})],
    ['an error', () => new HttpResponse(null, { status: 500 })],
    ['a way to another place', () => HttpResponse.redirect('https://evil.test/keys')],
  ])('that were had once serve while it answers with %s', async (_, answer) => {
    await serve(['one', first])
    const verifier = await start()
    server.use(http.get(JWKS, answer))
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(await verifier.verify(await make())).toMatchObject({ type: 'valid' })
    vi.setSystemTime(Date.now() + 60_000)
    expect(await verifier.verify(await make())).toMatchObject({ type: 'valid' })
  })

  it('that are new are fetched when a token names them', async () => {
    await serve(['one', first])
    const verifier = await start()
    await serve(['one', first], ['two', second])
    vi.setSystemTime(Date.now() + 31_000)
    const token = await make({ kid: 'two', pair: second, alg: 'RS256' })
    expect(await verifier.verify(token)).toMatchObject({ type: 'valid' })
  })

  it('that were taken back serve no more', async () => {
    await serve(['one', first])
    const verifier = await start()
    await serve(['two', second])
    vi.setSystemTime(Date.now() + 601_000)
    await verifier.verify(await make())
    await vi.waitFor(async () =>
      expect(await verifier.verify(await make())).toMatchObject({ type: 'invalid' }),
    )
  })

  it('are asked for once in a while, whatever keys tokens name (V2)', async () => {
    await serve(['one', first])
    const verifier = await start()
    expect(asked).toBe(1)
    for (let round = 1; round <= 3; round++) {
      vi.setSystemTime(Date.now() + 31_000)
      const tokens = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          make({ kid: `made-up-${n}`, pair: second, alg: 'RS256' }),
        ),
      )
      const verified = await Promise.all(tokens.map((token) => verifier.verify(token)))
      expect(new Set(verified.map(({ type }) => type))).toEqual(new Set(['invalid']))
      expect(asked).toBe(1 + round)
    }
  })

  it('that could never be had let nobody in, and are asked for again', async () => {
    away()
    const verifier = await start()
    expect(await verifier.verify(await make())).toEqual({ type: 'keyless' })
    await serve(['one', first])
    expect(await verifier.verify(await make())).toEqual({ type: 'keyless' })
    vi.setSystemTime(Date.now() + 31_000)
    expect(await verifier.verify(await make())).toMatchObject({ type: 'valid' })
  })

  it('are not taken from whoever describes another issuer', async () => {
    await serve(['one', first])
    server.use(
      http.get(DISCOVERY, () => HttpResponse.json({ issuer: 'https://evil.test', jwks_uri: JWKS })),
      http.get('https://issuer.test/.well-known/oauth-authorization-server/realms/asya', () =>
        HttpResponse.json({}, { status: 404 }),
      ),
    )
    const verifier = await start()
    expect(await verifier.verify(await make())).toEqual({ type: 'keyless' })
    expect(logged.join()).toContain('is the description of another issuer')
  })

  it('are found by the description of an OAuth server too', async () => {
    await serve(['one', first])
    server.use(
      http.get(DISCOVERY, () => new HttpResponse(null, { status: 404 })),
      http.get('https://issuer.test/.well-known/oauth-authorization-server/realms/asya', () =>
        HttpResponse.json({ issuer: ISSUER, jwks_uri: JWKS }),
      ),
    )
    expect(await (await start()).verify(await make())).toMatchObject({ type: 'valid' })
  })

  it('are read where it is said, without an issuer', async () => {
    await serve(['one', first])
    const verifier = await start({ issuer: undefined, jwksUrl: JWKS })
    expect(await verifier.verify(await make())).toMatchObject({ type: 'valid' })
  })
})
