import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { LOCAL_ONLY } from '../auth/gate.ts'
import { askRaw } from '../testing/raw-request.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'

const SIDECAR_TOKEN = randomBytes(32).toString('hex')

const makeToken = (): string => `asya_${randomBytes(32).toString('base64url')}`

const hashOf = (token: string): string =>
  `sha256:${createHash('sha256').update(token).digest('hex')}`

const TOKENS = {
  alice: makeToken(),
  bob: makeToken(),
  reader: makeToken(),
  expired: makeToken(),
}

let database: TestDatabase
let gateway: TestGateway
let open: TestGateway
const logged: string[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
  const path = join(await mkdtemp(join(tmpdir(), 'asya-tokens-')), 'tokens.json')
  const tokens = [
    { principal: 'alice', hash: hashOf(TOKENS.alice) },
    { principal: 'bob', hash: hashOf(TOKENS.bob) },
    { principal: 'reader', hash: hashOf(TOKENS.reader), scopes: ['read'] },
    { principal: 'alice', hash: hashOf(TOKENS.expired), expires: '2020-01-01' },
  ]
  await writeFile(path, JSON.stringify({ tokens }))
  const sites = {
    hosts: ['gateway.example.com'],
    origins: ['https://app.example.com'],
    hasLocalOrigins: true,
  }
  gateway = await startTestGateway({
    databaseUrl: database.url,
    security: { tokensPath: path, sidecarToken: { text: SIDECAR_TOKEN }, sites },
    onLog: (line) => logged.push(line),
  })
  open = await startTestGateway({ databaseUrl: database.url })
  for (const each of [gateway, open])
    each.gateway.tools.replace([makeTool('triage', ['extract', 'classify'])])
})

afterAll(async () => {
  await gateway.close()
  await open.close()
  await database.close()
})

/** Each route as it is asked, with a job that there is not. */
function listRequests() {
  return gateway.gateway.routes.map(({ method, path, access, scope }) => ({
    method,
    access,
    scope: scope ?? (method === 'GET' ? 'read' : 'call'),
    path: path.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000'),
  }))
}

function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } }
}

describe('Every route', () => {
  const wrong = {
    'no token': undefined,
    'an unknown token': `Bearer ${makeToken()}`,
    'an expired token': `Bearer ${TOKENS.expired}`,
    'a token with one character more': `Bearer ${TOKENS.alice}a`,
    'half a token': `Bearer ${TOKENS.alice.slice(0, 20)}`,
    'another scheme': `Basic ${Buffer.from(`alice:${TOKENS.alice}`).toString('base64')}`,
    'an empty token': 'Bearer ',
    'two tokens': `Bearer ${TOKENS.alice} ${TOKENS.bob}`,
    'the hash of a token': `Bearer ${hashOf(TOKENS.alice)}`,
    'a JWT without a signature': `Bearer ${btoa('{"alg":"none"}')}.${btoa('{"sub":"alice"}')}.`,
    'very much': `Bearer ${'a'.repeat(10_000)}`,
  }

  it('that is for callers refuses whoever has no right token, and says how to get one', async () => {
    const asked = listRequests().filter(({ access }) => access === 'caller')
    expect(asked.length).toBeGreaterThan(6)
    for (const { method, path } of asked) {
      for (const [what, authorization] of [
        ...Object.entries(wrong),
        ['a token of sidecars', `Bearer ${SIDECAR_TOKEN}`] as const,
      ]) {
        const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
        const answer = await askRaw(gateway.url, { method, path, headers })
        expect([method, path, what, answer.status]).toEqual([method, path, what, 401])
        expect(answer.headers['www-authenticate']).toMatch(
          /^Bearer realm="asya".*resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource(\/mcp)?"$/,
        )
      }
    }
  })

  it('that is for sidecars takes their token alone', async () => {
    const asked = listRequests().filter(({ access }) => access === 'sidecar')
    expect(asked.length).toBeGreaterThan(4)
    for (const { method, path } of asked) {
      for (const [what, authorization] of [
        ...Object.entries(wrong),
        ['a token of a caller', `Bearer ${TOKENS.alice}`] as const,
      ]) {
        const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
        const answer = await askRaw(gateway.url, { method, path, headers })
        expect([method, path, what, answer.status]).toEqual([method, path, what, 401])
      }
      const { status } = await askRaw(gateway.url, { method, path, ...bearer(SIDECAR_TOKEN) })
      expect([method, path, [401, 403].includes(status), status < 500]).toEqual([
        ...[method, path, false, true],
      ])
    }
  })

  it('that changes something refuses a token that may only read', async () => {
    for (const { method, path, access, scope } of listRequests()) {
      if (access !== 'caller') continue
      const answer = await askRaw(gateway.url, { method, path, ...bearer(TOKENS.reader) })
      expect([method, path, answer.status === 403]).toEqual([method, path, scope === 'call'])
      if (scope === 'call')
        expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"')
    }
  })

  it('refuses a stranger’s host and page before anything else, but for probes and sidecars', async () => {
    for (const { method, path, access } of listRequests()) {
      const isInside = access === 'probe' || access === 'sidecar'
      const other = await askRaw(gateway.url, { method, path, headers: { host: 'evil.example' } })
      expect([method, path, other.status === 403]).toEqual([method, path, !isInside])
      const page = await askRaw(gateway.url, {
        method,
        path,
        headers: { origin: 'https://evil.example' },
      })
      expect([method, path, page.status]).toEqual([method, path, 403])
    }
  })
})

async function startJob(token: string): Promise<string> {
  const body = '{"name":"triage","arguments":{}}'
  const answer = await askRaw(gateway.url, {
    method: 'POST',
    path: '/tools/call',
    body,
    ...bearer(token),
  })
  expect(answer.status).toBe(202)
  return (JSON.parse(answer.text) as { job_id: string }).job_id
}

describe('A job', () => {
  it('is there for its principal alone, on every route that names it', async () => {
    const jobId = await startJob(TOKENS.alice)
    const routes = gateway.gateway.routes.filter(
      ({ path, access }) => access === 'caller' && path.includes(':id'),
    )
    expect(routes.length).toBeGreaterThan(3)
    for (const { method, path } of routes) {
      const asked = { method, path: path.replace(':id', jobId) }
      const answer = await askRaw(gateway.url, { ...asked, ...bearer(TOKENS.bob) })
      const missing = await askRaw(gateway.url, {
        ...{ method, path: path.replace(':id', '00000000-0000-4000-8000-000000000000') },
        ...bearer(TOKENS.bob),
      })
      expect([method, path, answer.status]).toEqual([method, path, 404])
      // Whether there is such a job is not told either.
      expect(answer.text.replaceAll(jobId, '')).toBe(
        missing.text.replaceAll('00000000-0000-4000-8000-000000000000', ''),
      )
    }
    const mine = await askRaw(gateway.url, { path: `/jobs/${jobId}`, ...bearer(TOKENS.alice) })
    expect(mine.status).toBe(200)
  })

  it('is listed for its principal alone, and is no place in another’s list', async () => {
    await startJob(TOKENS.bob)
    const jobId = await startJob(TOKENS.alice)
    const theirs = await askRaw(gateway.url, { path: '/jobs?limit=500', ...bearer(TOKENS.bob) })
    expect(theirs.text).not.toContain(jobId)
    for (const query of ['', 'text=triage&']) {
      const after = await askRaw(gateway.url, {
        path: `/jobs?${query}before=${jobId}`,
        ...bearer(TOKENS.bob),
      })
      expect(JSON.parse(after.text)).toEqual({ jobs: [] })
    }
  })

  it('is not found by another’s idempotency key', async () => {
    const call = { method: 'POST', path: '/tools/call', body: '{"name":"triage"}' }
    const ids = await Promise.all(
      [TOKENS.alice, TOKENS.bob].map(async (token) => {
        const headers = { ...bearer(token).headers, 'idempotency-key': 'the same' }
        const answer = await askRaw(gateway.url, { ...call, headers })
        return (JSON.parse(answer.text) as { job_id: string }).job_id
      }),
    )
    expect(new Set(ids).size).toBe(2)
  })
})

describe('Hosts and origins', () => {
  const own = () => new URL(gateway.url).host
  it.each<[string | undefined, string | undefined, number]>([
    ['gateway.example.com', undefined, 200],
    ['GATEWAY.example.com.', undefined, 200],
    ['gateway.example.com:8443', undefined, 200],
    ['localhost', undefined, 200],
    ['localhost:1', undefined, 200],
    ['127.0.0.1', undefined, 200],
    ['127.9.9.9:80', undefined, 200],
    ['[::1]', undefined, 200],
    ['[::1]:8080', undefined, 200],
    ['evil.example', undefined, 403],
    ['localhost.evil.example', undefined, 403],
    ['127.0.0.1.evil.example', undefined, 403],
    ['gateway.example.com.evil.example', undefined, 403],
    ['evil.example:8080', undefined, 403],
    ['gateway.example.com@evil.example', undefined, 403],
    ['evil.example/gateway.example.com', undefined, 403],
    ['10.0.0.1', undefined, 403],
    ['[::2]', undefined, 403],
    ['0.0.0.0', undefined, 403],
    ['2130706433', undefined, 403],
    ['gateway.example.com', 'https://app.example.com', 200],
    ['gateway.example.com', 'http://app.example.com', 403],
    ['gateway.example.com', 'https://app.example.com.evil.example', 403],
    ['gateway.example.com', 'https://gateway.example.com', 200],
    ['gateway.example.com', 'https://gateway.example.com:8443', 403],
    ['gateway.example.com', 'null', 403],
    ['gateway.example.com', 'file://', 403],
    ['gateway.example.com', 'http://localhost:6274', 200],
    ['gateway.example.com', 'http://localhost.evil.example', 403],
    ['gateway.example.com', 'chrome-extension://abcdef', 403],
    ['evil.example', 'http://evil.example', 403],
    [undefined, 'https://app.example.com', 200],
    [undefined, '\u00ff\u00fe', 403],
  ])('host %s with origin %s: %i', async (host, origin, status) => {
    const headers = {
      ...bearer(TOKENS.alice).headers,
      host: host ?? own(),
      ...(origin === undefined ? {} : { origin }),
    }
    const answer = await askRaw(gateway.url, { path: '/tools', headers })
    expect(answer.status).toBe(status)
    const isAllowed = status === 200 && origin !== undefined
    expect(answer.headers['access-control-allow-origin']).toBe(isAllowed ? origin : undefined)
  })

  it('let a browser ask before it asks, without a token', async () => {
    const headers = {
      origin: 'https://app.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, mcp-protocol-version',
    }
    const answer = await askRaw(gateway.url, { method: 'OPTIONS', path: '/tools/call', headers })
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://app.example.com',
        'access-control-allow-headers': 'authorization, mcp-protocol-version',
        vary: 'origin',
      },
    })
    const evil = { ...headers, origin: 'https://evil.example' }
    const refused = await askRaw(gateway.url, {
      method: 'OPTIONS',
      path: '/tools/call',
      headers: evil,
    })
    expect(refused.status).toBe(403)
  })

  it('keep pages of strangers from a gateway that asks for no token', async () => {
    const rebound = { host: 'evil.example', origin: 'http://evil.example' }
    const call = { method: 'POST', path: '/tools/call', body: '{"name":"triage"}' }
    expect((await askRaw(open.url, { ...call, headers: rebound })).status).toBe(403)
    const across = { origin: 'https://evil.example', 'content-type': 'text/plain' }
    expect((await askRaw(open.url, { ...call, headers: across })).status).toBe(403)
    // Not a sidecar either, although those come under any name.
    const final = { method: 'POST', path: '/progress', body: '{}', headers: rebound }
    expect((await askRaw(open.url, final)).status).toBe(403)
  })
})

describe('The description of the resource', () => {
  it('is there for anybody, for the gateway and for its MCP endpoint', async () => {
    for (const path of ['', '/mcp']) {
      const answer = await askRaw(gateway.url, {
        path: `/.well-known/oauth-protected-resource${path}`,
      })
      expect(JSON.parse(answer.text)).toMatchObject({
        resource: `${gateway.url}${path}`,
        bearer_methods_supported: ['header'],
      })
    }
  })
})

describe('A port for sidecars', () => {
  it('has what sidecars, probes and Prometheus ask, and the other one has the rest', async () => {
    const apart = await startTestGateway({
      ...{ databaseUrl: database.url, sidecarPort: 0, onLog: (line) => logged.push(line) },
      security: { ...LOCAL_ONLY, sidecarToken: { text: SIDECAR_TOKEN } },
    })
    try {
      const inside = `http://127.0.0.1:${apart.gateway.sidecarPort}`
      const isThere = async (url: string, method: string, path: string): Promise<boolean> => {
        const answer = await askRaw(url, { method, path, ...bearer(SIDECAR_TOKEN) })
        return !answer.text.includes('no_such_path') && answer.status !== 405
      }
      for (const { method, path, access } of listRequests()) {
        const expected = {
          outside: access !== 'sidecar' && path !== '/metrics',
          inside: access === 'sidecar' || access === 'probe',
        }
        const found = {
          outside: await isThere(apart.url, method, path),
          inside: await isThere(inside, method, path),
        }
        expect([method, path, found]).toEqual([method, path, expected])
      }
      expect((await askRaw(inside, { method: 'POST', path: '/progress' })).status).toBe(401)
    } finally {
      await apart.close()
    }
  })
})

it('Tokens are in no log', () => {
  const text = logged.join('')
  for (const token of [...Object.values(TOKENS), SIDECAR_TOKEN]) expect(text).not.toContain(token)
})
