import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeApiServer } from '../testing/fake/fake-api-server.ts'
import type { KubeError } from './errors.ts'
import { createKubeClient, type ClientOptions, type KubeClient } from './kube-client.ts'
import { CONFIG_MAPS } from './resources.ts'

const KEY = { namespace: 'default', name: 'a' }
const MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: KEY, data: { x: '1' } }
const ME = { manager: 'me' }

describe('the client of an API server', () => {
  let server: FakeApiServer
  let client: KubeClient
  beforeEach(async () => {
    server = await FakeApiServer.start()
    client = open()
  })
  afterEach(async () => {
    client.close()
    await server.close()
  })

  function open(options: Partial<ClientOptions> = {}): KubeClient {
    return createKubeClient(server.kubeConfig(), { userAgent: 'test', ...options })
  }

  const refusal = (asking: Promise<unknown>): Promise<KubeError> =>
    asking.then(
      () => Promise.reject(new Error('it was not refused')),
      (error: unknown) => error as KubeError,
    )

  test('A server that is busy is waited for, and asked again.', async () => {
    server.setFaults({ seed: 1, rates: {}, retryAfterS: 0 })
    for (let count = 0; count < 3; count += 1) server.faults.plant('throttle')
    expect(await client.apply(CONFIG_MAPS, MAP, ME)).toMatchObject({ data: { x: '1' } })
  })

  test('One that is busy for longer than our patience is told of, with the time that it asks for.', async () => {
    server.setFaults({ seed: 1, rates: { throttle: 1 }, retryAfterS: 1 })
    const impatient = open({ patienceMs: 100 })
    const error = await refusal(impatient.list(CONFIG_MAPS))
    expect(error).toMatchObject({ code: 'throttled', next: 'retry', retryAfterMs: 1_000 })
    impatient.close()
  })

  test('A server that fails is not asked again by the client itself.', async () => {
    server.faults.plant('fail')
    expect(await refusal(client.list(CONFIG_MAPS))).toMatchObject({
      code: 'unavailable',
      next: 'retry',
      status: 500,
    })
    await client.list(CONFIG_MAPS)
  })

  test('Where the answer is lost the write may be done: applied again it is the same.', async () => {
    const fresh = open()
    server.faults.plant('reset-after')
    const error = await refusal(fresh.apply(CONFIG_MAPS, MAP, ME))
    expect(error).toMatchObject({ code: 'network', next: 'retry', status: 0 })
    expect(error.message).toContain('PATCH /api/v1/namespaces/default/configmaps/a: no answer')
    const before = await client.get(CONFIG_MAPS, KEY)
    expect(before).toBeDefined()
    expect(await client.apply(CONFIG_MAPS, MAP, ME)).toEqual(before)
    fresh.close()
  })

  test('A kept connection that the server closed is replaced; but a create is never sent twice.', async () => {
    await client.list(CONFIG_MAPS)
    server.faults.plant('reset')
    await client.apply(CONFIG_MAPS, MAP, ME)
    await client.list(CONFIG_MAPS)
    server.faults.plant('reset')
    const another = { ...MAP, metadata: { ...KEY, name: 'b' } }
    expect(await refusal(client.create(CONFIG_MAPS, another))).toMatchObject({ code: 'network' })
  })

  test('A request takes no longer than it may.', async () => {
    server.setFaults({ seed: 1, rates: { slow: 1 }, slowMs: 2_000 })
    const hasty = open({ timeoutMs: 50 })
    const error = await refusal(hasty.list(CONFIG_MAPS))
    expect(error).toMatchObject({ code: 'network' })
    expect(error.message).toContain('no answer within 50 ms')
    hasty.close()
  })

  test('After it is closed every request fails, and those under way too.', async () => {
    server.setFaults({ seed: 1, rates: { slow: 1 }, slowMs: 500 })
    const closing = open()
    const asking = refusal(closing.list(CONFIG_MAPS))
    setTimeout(() => closing.close(), 50)
    expect(await asking).toMatchObject({ code: 'network' })
    expect(await refusal(closing.list(CONFIG_MAPS))).toMatchObject({ code: 'network' })
    closing.close()
  })

  test('Connections are kept: many requests need few.', async () => {
    let count = 0
    const counted = await listen((request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ major: '1', minor: '33+' }))
    })
    counted.server.on('connection', () => (count += 1))
    const kept = createKubeClient(counted.kubeConfig({}), { userAgent: 'test' })
    for (let round = 0; round < 20; round += 1) {
      expect(await kept.serverVersion()).toEqual({ major: 1, minor: 33 })
    }
    expect(count).toBe(1)
    kept.close()
    await counted.close()
  })
})

describe('credentials', () => {
  const tokens: string[] = []
  let isValid = (_token: string): boolean => true
  let refusing: Listening
  let folder: string

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asya-token-'))
    tokens.length = 0
    refusing = await listen((request, response) => {
      const token = request.headers.authorization ?? ''
      tokens.push(token)
      response.statusCode = isValid(token) ? 403 : 401
      const message = 'configmaps is forbidden: User "x" cannot list resource "configmaps"'
      response.end(JSON.stringify({ kind: 'Status', reason: 'Forbidden', message }))
    })
  })
  afterEach(async () => {
    rmSync(folder, { recursive: true })
    await refusing.close()
  })

  test('A missing right is named, with where to give it.', async () => {
    isValid = () => true
    const client = createKubeClient(refusing.kubeConfig({ token: 'abc' }), { userAgent: 'test' })
    const error = (await client.list(CONFIG_MAPS).catch((e: unknown) => e)) as KubeError
    expect(error).toMatchObject({ code: 'forbidden', next: 'change', status: 403 })
    expect(error.message).toContain('cannot list resource "configmaps"')
    expect(error.message).toContain('service account')
    expect(error.message).not.toContain('abc')
    expect(tokens).toEqual(['Bearer abc'])
    client.close()
  })

  test('Credentials that are refused are read again, once; a program may give them.', async () => {
    const path = join(folder, 'token')
    const script = `echo '{"status":{"expirationTimestamp":"2020-01-01T00:00:00Z","token":"'$(cat ${path})'"}}'`
    writeFileSync(path, 'first')
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', script],
    }
    const client = createKubeClient(refusing.kubeConfig({ exec }), { userAgent: 'test' })
    isValid = (token) => token === 'Bearer second'
    const asking = client.list(CONFIG_MAPS).catch((e: unknown) => e)
    expect(await asking).toMatchObject({ code: 'unauthorized', next: 'retry' })
    writeFileSync(path, 'second')
    const again = client.list(CONFIG_MAPS).catch((e: unknown) => e)
    expect(await again).toMatchObject({ code: 'forbidden' })
    expect(tokens).toEqual([...Array(3).fill('Bearer first'), 'Bearer second'])
    client.close()
  })

  test('A program that fails is told of as what failed.', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'false', args: [] }
    const client = createKubeClient(refusing.kubeConfig({ exec }), { userAgent: 'test' })
    const error = await client.list(CONFIG_MAPS).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'network' })
    expect(tokens).toEqual([])
    client.close()
  })

  test('A kubeconfig without a cluster is none to speak with.', () => {
    expect(() => createKubeClient(new KubeConfig(), { userAgent: 'test' })).toThrow('no cluster')
  })
})

interface Listening {
  readonly server: Server
  kubeConfig(user: object): KubeConfig
  close(): Promise<void>
}

async function listen(answer: RequestListener): Promise<Listening> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    server,
    kubeConfig: (user) => {
      const kubeConfig = new KubeConfig()
      const cluster = { name: 'test', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }
      kubeConfig.loadFromClusterAndUser(cluster, { name: 'test', ...user })
      return kubeConfig
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
