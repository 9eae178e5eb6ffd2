import { expect } from 'vitest'
import type { WatchOptions } from '../../kube/kube-client.ts'
import { CONFIG_MAPS, LEASES } from '../../kube/resources.ts'
import type { WatchEvent } from '../../kube/watch.ts'
import { makeObject, type Harness, type Laws } from './harness.ts'

const ME = { manager: 'me' }

function apply({ client, ...rest }: Harness, name: string, members: object = {}) {
  const object = makeObject(CONFIG_MAPS, name, members)({ client, ...rest })
  return client.apply(CONFIG_MAPS, object, ME)
}

const WATCH = { timeoutS: 20, silenceMs: 60_000, signal: new AbortController().signal }

/** As many events as are asked for, without bookmarks, as `set a`; or those until its end. */
async function collect(
  { client, namespace }: Harness,
  count: number,
  options: Partial<WatchOptions> & Pick<WatchOptions, 'resourceVersion'>,
): Promise<readonly WatchEvent[]> {
  const events: WatchEvent[] = []
  const abort = new AbortController()
  const watching = client.watch(CONFIG_MAPS, {
    namespace,
    timeoutS: 20,
    silenceMs: 60_000,
    signal: abort.signal,
    ...options,
  })
  for await (const event of watching) {
    if (event.type === 'bookmark') continue
    events.push(event)
    if (events.length === count) break
  }
  abort.abort()
  return events
}

function describeEvent(event: WatchEvent): string {
  return event.type === 'bookmark' ? 'bookmark' : `${event.type} ${event.object.metadata.name}`
}

async function currentVersion({ client, namespace }: Harness): Promise<string> {
  return (await client.list(CONFIG_MAPS, { namespace })).resourceVersion
}

export const watchingLaws: Laws = {
  'A watch tells everything that happened after its version, in order.': async (harness) => {
    const { client, namespace } = harness
    const resourceVersion = await currentVersion(harness)
    await apply(harness, 'a')
    await apply(harness, 'b')
    await apply(harness, 'a', { data: { x: '1' } })
    await apply(harness, 'a', { data: { x: '1' } })
    await client.remove(CONFIG_MAPS, { namespace, name: 'b' })
    const events = await collect(harness, 4, { resourceVersion })
    expect(events.map(describeEvent)).toEqual(['set a', 'set b', 'set a', 'gone b'])
    const versions = events.map((event) =>
      event.type === 'bookmark' ? 0 : Number(event.object.metadata.resourceVersion),
    )
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    const middle = String(versions[1])
    const later = await collect(harness, 2, { resourceVersion: middle })
    expect(later.map(describeEvent)).toEqual(['set a', 'gone b'])
  },

  'A watch tells what happens while it lasts.': async (harness) => {
    const resourceVersion = await currentVersion(harness)
    const collecting = collect(harness, 2, { resourceVersion })
    await apply(harness, 'a')
    await apply(harness, 'a', { data: { x: '1' } })
    expect((await collecting).map(describeEvent)).toEqual(['set a', 'set a'])
  },

  'Of a watch by labels, what loses them is gone, and what gets them is there.': async (
    harness,
  ) => {
    await apply(harness, 'a', { metadata: { labels: { is: 'mine' } } })
    await apply(harness, 'b')
    const resourceVersion = await currentVersion(harness)
    await apply(harness, 'b', { metadata: { labels: { is: 'mine' } } })
    await apply(harness, 'a', { metadata: { labels: { is: 'yours' } } })
    await apply(harness, 'c')
    await apply(harness, 'b', { data: { x: '1' }, metadata: { labels: { is: 'mine' } } })
    const events = await collect(harness, 3, { resourceVersion, labelSelector: 'is=mine' })
    expect(events.map(describeEvent)).toEqual(['set b', 'gone a', 'set b'])
  },

  'A watch ends in its time, and its bookmarks never go back.': async (harness) => {
    const { client, namespace } = harness
    const resourceVersion = await currentVersion(harness)
    const watching = client.watch(CONFIG_MAPS, {
      namespace,
      resourceVersion,
      timeoutS: 3,
      silenceMs: 60_000,
      signal: new AbortController().signal,
    })
    const startedAt = performance.now()
    let last = resourceVersion
    for await (const event of watching) if (event.type === 'bookmark') last = event.resourceVersion
    expect(performance.now() - startedAt).toBeGreaterThan(1_000)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(Number(last)).toBeGreaterThanOrEqual(Number(resourceVersion))
  },

  'What was forgotten cannot be watched or listed on; a new list can.': async (harness) => {
    const { client, namespace, forget } = harness
    for (const name of ['a', 'b', 'c']) {
      const lease = makeObject(LEASES, name, { spec: { leaseDurationSeconds: 1 } })(harness)
      await client.create(LEASES, lease)
    }
    const first = await client.list(LEASES, { namespace, limit: 1 })
    const { continueToken } = first
    const { resourceVersion } = first
    const another = makeObject(LEASES, 'd', { spec: { leaseDurationSeconds: 1 } })(harness)
    await client.create(LEASES, another)
    await forget()
    const events = client.watch(LEASES, { ...WATCH, namespace, resourceVersion: '1' })
    const watching = events[Symbol.asyncIterator]().next()
    await expect(watching).rejects.toMatchObject({ code: 'expired', next: 'list', status: 410 })
    const going = client.list(LEASES, { namespace, limit: 1, continueToken })
    await expect(going).rejects.toMatchObject({ code: 'expired', next: 'list', status: 410 })
    expect(Number(resourceVersion)).toBeGreaterThan(1)
    expect((await client.list(LEASES, { namespace })).items).toHaveLength(4)
  },

  'A list comes in pages, all of one version, by name.': async (harness) => {
    const { client, namespace } = harness
    for (const name of ['e', 'c', 'a', 'd', 'b']) await apply(harness, name)
    const first = await client.list(CONFIG_MAPS, { namespace, limit: 2 })
    await apply(harness, 'bb')
    const names = first.items.map(({ metadata }) => metadata.name)
    const versions = new Set([first.resourceVersion])
    for (let page = first; page.continueToken !== undefined;) {
      page = await client.list(CONFIG_MAPS, {
        namespace,
        limit: 2,
        continueToken: page.continueToken,
      })
      names.push(...page.items.map(({ metadata }) => metadata.name))
      versions.add(page.resourceVersion)
    }
    const own = names.filter((name) => name !== 'kube-root-ca.crt')
    expect(own).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(versions.size).toBe(1)
  },

  'A list of all namespaces by labels has what wears them.': async (harness) => {
    const { client, namespace } = harness
    await apply(harness, 'a', { metadata: { labels: { of: namespace, size: 'small' } } })
    await apply(harness, 'b', { metadata: { labels: { of: namespace, size: 'big' } } })
    await apply(harness, 'c')
    const list = async (selector: string): Promise<readonly string[]> => {
      const labelSelector = `of=${namespace},${selector}`
      const { items } = await client.list(CONFIG_MAPS, { labelSelector })
      return items.map(({ metadata }) => metadata.name)
    }
    expect(await list('size')).toEqual(['a', 'b'])
    expect(await list('size!=small')).toEqual(['b'])
    expect(await list('size in (small, tiny)')).toEqual(['a'])
    expect(await list('size notin (small)')).toEqual(['b'])
    expect(await list('!size')).toEqual([])
  },

  'A kind that is not served is not found, in a list and in discovery.': async ({ client }) => {
    const nothing = {
      apiVersion: 'nobody.io/v1',
      kind: 'None',
      plural: 'nones',
      isNamespaced: true,
    }
    await expect(client.list(nothing)).rejects.toMatchObject({ code: 'not_found' })
    expect(await client.hasKind('nobody.io/v1', 'None')).toBe(false)
    expect(await client.hasKind('asya.io/v1alpha1', 'AsyncActor')).toBe(true)
    expect(await client.hasKind('apps/v1', 'AsyncActor')).toBe(false)
    expect((await client.serverVersion()).major).toBe(1)
  },
}
