import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeApiServer } from '../testing/fake/fake-api-server.ts'
import type { Fault } from '../testing/fake/faults.ts'
import { createKubeClient, type KubeClient } from './kube-client.ts'
import type { KubeObject } from './kube-object.ts'
import { joinKey } from './object-store.ts'
import { Reflector, type ReflectorOptions } from './reflector.ts'
import { CONFIG_MAPS } from './resources.ts'

const TIMING = {
  pageSize: 3,
  shortestWatchS: 1,
  longestWatchS: 1,
  silenceMs: 150,
  firstWaitMs: 2,
  longestWaitMs: 20,
}

const LABELS = { is: 'ours' }

describe('a reflector', () => {
  let server: FakeApiServer
  let writer: KubeClient
  let client: KubeClient
  let reflector: Reflector | undefined
  /** What was told, as `namespace/name`. */
  let told: string[]
  let failures: unknown[]

  beforeEach(async () => {
    server = await FakeApiServer.start({ bookmarkMs: 40 })
    writer = createKubeClient(server.kubeConfig(), { userAgent: 'writer' })
    client = createKubeClient(server.kubeConfig(), { userAgent: 'reflector', patienceMs: 50 })
    told = []
    failures = []
  })
  afterEach(async () => {
    await reflector?.close()
    writer.close()
    client.close()
    await server.close()
  })

  function start(options: Partial<ReflectorOptions> = {}): Reflector {
    reflector = new Reflector({
      client,
      resource: CONFIG_MAPS,
      labelSelector: 'is=ours',
      onChange: (key) => told.push(joinKey(key)),
      onFailure: (error) => failures.push(error),
      timing: TIMING,
      ...options,
    })
    reflector.start()
    return reflector
  }

  /** By the server itself, where nothing goes wrong. */
  function write(name: string, data: object, labels: object = LABELS): KubeObject {
    const metadata = { name, namespace: 'default', labels: labels as Record<string, string> }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
    return server.writer.patch(writing(), { namespace: 'default', name }, { type: 'apply', body })
      .object
  }

  function remove(name: string): void {
    server.writer.remove(writing(), { namespace: 'default', name }, {})
  }

  function writing() {
    const kind = server.cluster.findKind('v1', 'configmaps')
    if (kind === undefined) throw new Error('there are no config maps')
    const how = { isDryRun: false, isForced: true, isStrict: false, subresource: undefined }
    return { kind, namespace: 'default', manager: 'test', ...how }
  }

  function listKept(): readonly string[] {
    const { store } = reflector ?? {}
    return [...(store?.keys() ?? [])]
      .map((key) => `${key.name} ${store?.getVersion(key) ?? ''}`)
      .toSorted()
  }

  async function listThere(): Promise<readonly string[]> {
    const { items } = await writer.list(CONFIG_MAPS, { labelSelector: 'is=ours' })
    return items
      .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion ?? ''}`)
      .toSorted()
  }

  async function converge(): Promise<void> {
    const there = await listThere()
    await vi.waitFor(() => expect(listKept()).toEqual(there), { timeout: 10_000, interval: 5 })
  }

  test('It has what there is, page by page, and then what changes; each change is told once.', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) write(name, { x: '1' })
    write('theirs', {}, {})
    const { store, hasSynced } = start()
    expect(hasSynced).toBe(false)
    await reflector?.whenSynced()
    expect(listKept()).toEqual(await listThere())
    expect(store.size).toBe(7)
    expect(told.toSorted()).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `default/${name}`),
    )
    told.length = 0
    write('b', { x: '2' })
    write('b', { x: '2' })
    remove('c')
    write('a', {}, {})
    await converge()
    expect(told).toEqual(['default/b', 'default/c', 'default/a'])
    expect(store.get({ namespace: 'default', name: 'b' })?.['data']).toEqual({ x: '2' })
    expect(failures).toEqual([])
  })

  test('It keeps what is trimmed, without managedFields, and finds it by its marks, old and new.', async () => {
    const marks: (readonly string[])[] = []
    const readMark = ({ data }: KubeObject): string => (data as { of: string }).of
    start({
      index: (object) => [readMark(object)],
      trim: (object) => ({ ...object, data: { of: readMark(object) } }),
      onChange: (_, changed) => marks.push(changed),
    })
    await reflector?.whenSynced()
    write('a', { of: 'x', long: 'text' })
    await converge()
    const [found] = reflector?.store.listIndexed('x') ?? []
    expect(found?.['data']).toEqual({ of: 'x' })
    expect(found?.metadata).not.toHaveProperty('managedFields')
    write('a', { of: 'y' })
    await converge()
    expect(reflector?.store.listIndexed('x')).toEqual([])
    remove('a')
    await converge()
    expect(reflector?.store.listIndexed('y')).toEqual([])
    expect(marks).toEqual([['x'], ['x', 'y'], ['y']])
  })

  test('When its version is too old it lists anew, and tells what went meanwhile.', async () => {
    for (const name of ['a', 'b', 'c', 'd']) write(name, {})
    start()
    await reflector?.whenSynced()
    told.length = 0
    server.faults.plant('reset', ({ isWatch }) => isWatch)
    server.cutAll()
    remove('b')
    write('c', { x: '1' })
    server.compact()
    await converge()
    expect(told.toSorted()).toEqual(['default/b', 'default/c'])
  })

  test('A watch that the server ends in its time goes on without a list.', async () => {
    write('a', {})
    start()
    await reflector?.whenSynced()
    let lists = 0
    let watches = 0
    server.listen(({ path }) => {
      if (path.includes('watch=true')) watches += 1
      else lists += 1
    })
    // The first one may have begun before; each lasts a second.
    await vi.waitFor(() => expect(watches).toBeGreaterThan(1), { timeout: 5_000 })
    remove('a')
    await vi.waitFor(() => expect(listKept()).toEqual([]), { timeout: 5_000 })
    expect(lists).toBe(0)
    expect(failures).toEqual([])
  })

  test('A kind that is not served yet is followed as soon as it is.', async () => {
    const resource = { apiVersion: 'a.io/v1', kind: 'A', plural: 'as', isNamespaced: true }
    start({ resource, labelSelector: undefined })
    await vi.waitFor(() => expect(failures.length).toBeGreaterThan(2), { timeout: 5_000 })
    expect(reflector?.hasSynced).toBe(false)
    const schema = { openAPIV3Schema: { type: 'object' } }
    server.define({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'as.a.io' },
      spec: {
        group: 'a.io',
        scope: 'Namespaced',
        names: { kind: 'A', plural: 'as' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    })
    await reflector?.whenSynced()
    expect(failures[0]).toMatchObject({ code: 'not_found' })
  })

  test('After it is closed nothing is told, and nothing is asked.', async () => {
    start()
    await reflector?.whenSynced()
    await reflector?.close()
    await reflector?.close()
    expect(reflector?.state).toBe('closed')
    let asked = 0
    server.listen(() => (asked += 1))
    write('a', {})
    await sleep(100)
    expect(told).toEqual([])
    expect(asked).toBe(0)
  })

  test('Closed before it was ready, it says so to those who wait.', async () => {
    server.setFaults({ seed: 1, rates: { fail: 1 } })
    start()
    const waiting = reflector?.whenSynced()
    await reflector?.close()
    await expect(waiting).rejects.toThrow('the reflector of configmaps is closed')
  })

  const FAULTS: readonly Fault[] = [
    'reset',
    'reset-after',
    'throttle',
    'fail',
    'slow',
    'cut-watch',
    'silent-watch',
    'expire-watch',
    'repeat-events',
  ]
  const everything = Object.fromEntries(FAULTS.map((fault) => [fault, 0.08]))

  test.each<[string, Partial<Record<Fault, number>>]>([
    ...FAULTS.map((fault): [string, Partial<Record<Fault, number>>] => [fault, { [fault]: 0.4 }]),
    ['all of them', everything],
  ])(
    'It converges, and has told of every change, whatever goes wrong: %s.',
    async (_, rates) => {
      for (const seed of [1, 2, 3]) {
        const from = told.length
        server.setFaults({ seed, rates, slowMs: 30, retryAfterS: 0 })
        await reflector?.close()
        start()
        for (let round = 0; round < 60; round += 1) {
          const name = `m${(round * seed) % 7}`
          if (round % 5 === 4 && listKept().some((kept) => kept.startsWith(`${name} `))) {
            // It may be gone already, where what is kept is old.
            if (isThere(name)) remove(name)
          } else write(name, { round: String(round), seed: String(seed) })
          if (round % 20 === 19) server.compact()
          if (round % 4 === 0) await sleep(3)
        }
        server.faults.stop()
        await converge()
        expect(new Set(told.slice(from)).size).toBeGreaterThanOrEqual(7)
      }
    },
    60_000,
  )

  function isThere(name: string): boolean {
    return server.cluster.get(writing().kind, { namespace: 'default', name }) !== undefined
  }
})
