import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createKubeClient, type KubeClient } from '../kube/kube-client.ts'
import { LEASES } from '../kube/resources.ts'
import { FakeApiServer } from '../testing/fake/fake-api-server.ts'
import { LeaderElector, type ElectorOptions } from './leader-elector.ts'

/** Everything ten times as fast; a lease lasts whole seconds. */
const TIMING = { leaseMs: 1_000, renewMs: 700, retryMs: 100 }
const LEASE = { namespace: 'default', name: 'operator' }

describe('electing a leader', () => {
  let server: FakeApiServer
  let clients: KubeClient[]
  let electors: LeaderElector[]
  let log: string[]

  beforeEach(async () => {
    server = await FakeApiServer.start()
    clients = []
    electors = []
    log = []
  })
  afterEach(async () => {
    await Promise.all(electors.map((elector) => elector.close()))
    for (const client of clients) client.close()
    await server.close()
  })

  function start(identity: string, options: Partial<ElectorOptions> = {}): LeaderElector {
    const client = createKubeClient(server.kubeConfig(), { userAgent: identity })
    clients.push(client)
    const elector = new LeaderElector({
      client,
      ...LEASE,
      identity,
      onLead: () => log.push(`${identity} leads`),
      onLoss: () => log.push(`${identity} lost`),
      timing: TIMING,
      ...options,
    })
    electors.push(elector)
    elector.start()
    return elector
  }

  async function readLease(): Promise<Record<string, unknown>> {
    const lease = await clients[0]?.get(LEASES, LEASE)
    return (lease?.['spec'] ?? {}) as Record<string, unknown>
  }

  async function until(isSo: () => boolean): Promise<void> {
    await vi.waitFor(() => expect(isSo(), log.join()).toBe(true), { timeout: 10_000, interval: 10 })
  }

  test('Of two one leads, for as long as it renews; the lease says who.', async () => {
    const a = start('a')
    await until(() => a.isLeading)
    const b = start('b')
    await sleep(2_500)
    expect(log).toEqual(['a leads'])
    expect(b.isLeading).toBe(false)
    const lease = await readLease()
    expect(lease).toMatchObject({
      holderIdentity: 'a',
      leaseDurationSeconds: 1,
      leaseTransitions: 0,
    })
    expect(lease['renewTime']).toMatch(/\.\d{6}Z$/)
  })

  test('Of many that begin at once one leads.', async () => {
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((identity) => start(identity))
    await until(() => all.some(({ isLeading }) => isLeading))
    await sleep(500)
    expect(all.filter(({ isLeading }) => isLeading)).toHaveLength(1)
    expect(log).toHaveLength(1)
  })

  test('A leader that ends in order gives the lease back, and the next one leads at once.', async () => {
    const a = start('a')
    await until(() => a.isLeading)
    const b = start('b')
    await sleep(300)
    await a.close()
    const startedAt = performance.now()
    await until(() => b.isLeading)
    // Without its being given back it would be taken for held for a second at least.
    expect(performance.now() - startedAt).toBeLessThan(700)
    expect(log).toEqual(['a leads', 'b leads'])
    expect(await readLease()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 })
  })

  test('A leader that cannot renew loses before another leads, and never leads again.', async () => {
    const cut = createKubeClient(server.kubeConfig(), { userAgent: 'a', patienceMs: 0 })
    let isCut = false
    const broken: KubeClient = {
      ...bind(cut),
      get: (...asked) => (isCut ? never() : cut.get(...asked)),
      replace: (...asked) => (isCut ? never() : cut.replace(...asked)),
    }
    const a = start('a', { client: broken })
    await until(() => a.isLeading)
    const b = start('b')
    await sleep(200)
    isCut = true
    await until(() => b.isLeading)
    expect(log).toEqual(['a leads', 'a lost', 'b leads'])
    isCut = false
    await sleep(500)
    expect(log).toHaveLength(3)
    expect(a.isLeading).toBe(false)
    await a.close()
    // It gave back nothing that was not its own.
    expect(await readLease()).toMatchObject({ holderIdentity: 'b' })
    cut.close()
  })

  test('A leader whose lease another one took loses at once.', async () => {
    const a = start('a')
    await until(() => a.isLeading)
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/operator'
    await fetch(server.url + path, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ spec: { holderIdentity: 'thief' } }),
    })
    await until(() => log.includes('a lost'))
  })

  test('Failures and lost answers on the way cost no leader its lease.', async () => {
    server.setFaults({ seed: 7, rates: { fail: 0.1, reset: 0.05, 'reset-after': 0.1 } })
    const failures: unknown[] = []
    const a = start('a', { onFailure: (error) => failures.push(error) })
    await until(() => a.isLeading)
    start('b')
    await sleep(3_000)
    expect(log).toEqual(['a leads'])
    expect(failures.length).toBeGreaterThan(0)
  })

  test('A restarted process with the same name goes on with its lease.', async () => {
    const before = start('a')
    await until(() => before.isLeading)
    clients[0]?.close()
    await sleep(100)
    const after = start('a')
    const startedAt = performance.now()
    await until(() => after.isLeading)
    expect(performance.now() - startedAt).toBeLessThan(700)
  })

  test('After it is closed it neither asks nor leads.', async () => {
    const a = start('a')
    await until(() => a.isLeading)
    await a.close()
    await a.close()
    let asked = 0
    server.listen(() => (asked += 1))
    await sleep(400)
    expect(asked).toBe(0)
    expect(a.isLeading).toBe(false)
    expect(log).toEqual(['a leads'])
  })
})

function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** A client's methods, to be spread. */
function bind(client: KubeClient): KubeClient {
  return {
    get: (...asked) => client.get(...asked),
    list: (...asked) => client.list(...asked),
    watch: (...asked) => client.watch(...asked),
    apply: (...asked) => client.apply(...asked),
    create: (...asked) => client.create(...asked),
    replace: (...asked) => client.replace(...asked),
    remove: (...asked) => client.remove(...asked),
    serverVersion: () => client.serverVersion(),
    hasKind: (...asked) => client.hasKind(...asked),
    close: () => client.close(),
  }
}
