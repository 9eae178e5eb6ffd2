import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { KubeObject, Resource } from '../../kube/kube-object.ts'
import { ASYNC_ACTORS, CONFIG_MAPS, SERVICE_ACCOUNTS } from '../../kube/resources.ts'
import { makeObject, type Harness, type Laws } from './harness.ts'

const ME = { manager: 'me' }

async function make({ client, ...rest }: Harness, resource: Resource, members: object = {}) {
  const object = makeObject(resource, 'echo', members)({ client, ...rest })
  return client.apply(resource, object, ME)
}

function read({ client, namespace }: Harness, resource: Resource): Promise<KubeObject | undefined> {
  return client.get(resource, { namespace, name: 'echo' })
}

/** A config map that belongs to an actor. */
async function makeFamily(harness: Harness): Promise<KubeObject> {
  const containers = [{ name: 'runtime', image: 'a' }]
  const actor = await make(harness, ASYNC_ACTORS, {
    spec: { queueName: 'echo', workload: { template: { spec: { containers } } } },
  })
  const { apiVersion, kind, metadata } = actor
  const { name, uid = '' } = metadata
  const owner = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
  await make(harness, CONFIG_MAPS, { metadata: { ownerReferences: [owner] } })
  return actor
}

async function becomeGone(harness: Harness, resource: Resource): Promise<void> {
  const end = Date.now() + 60_000
  while ((await read(harness, resource)) !== undefined) {
    expect(Date.now(), `${resource.kind} is still there`).toBeLessThan(end)
    await sleep(50)
  }
}

export const deletingLaws: Laws = {
  'What is deleted is gone, and cannot be deleted again.': async (harness) => {
    const { client, namespace } = harness
    await make(harness, CONFIG_MAPS)
    const key = { namespace, name: 'echo' }
    expect(await client.remove(CONFIG_MAPS, key)).toBe(true)
    expect(await read(harness, CONFIG_MAPS)).toBeUndefined()
    expect(await client.remove(CONFIG_MAPS, key)).toBe(false)
  },

  'An object is deleted only if it is the one that is meant.': async (harness) => {
    const { client, namespace } = harness
    const { uid = '' } = (await make(harness, CONFIG_MAPS)).metadata
    const key = { namespace, name: 'echo' }
    expect(await client.remove(CONFIG_MAPS, key, { uid: 'another' })).toBe(false)
    expect(await read(harness, CONFIG_MAPS)).toBeDefined()
    expect(await client.remove(CONFIG_MAPS, key, { uid })).toBe(true)
  },

  'One with a finalizer waits until that is taken away.': async (harness) => {
    const { client, namespace } = harness
    const held = await make(harness, CONFIG_MAPS, { metadata: { finalizers: ['asya.io/test'] } })
    await client.remove(CONFIG_MAPS, { namespace, name: 'echo' })
    const waiting = await read(harness, CONFIG_MAPS)
    expect(waiting?.metadata.deletionTimestamp).toBeDefined()
    expect(waiting?.metadata.uid).toBe(held.metadata.uid)
    await make(harness, CONFIG_MAPS)
    expect(await read(harness, CONFIG_MAPS)).toBeUndefined()
  },

  'What belongs to an actor goes after it.': async (harness) => {
    if (!harness.hasCollector) return
    await makeFamily(harness)
    const { client, namespace } = harness
    await client.remove(ASYNC_ACTORS, { namespace, name: 'echo' })
    await becomeGone(harness, CONFIG_MAPS)
    expect(await read(harness, ASYNC_ACTORS)).toBeUndefined()
  },

  'In the foreground an actor goes after what belongs to it.': async (harness) => {
    if (!harness.hasCollector) return
    await makeFamily(harness)
    const { client, namespace } = harness
    const key = { namespace, name: 'echo' }
    await client.remove(ASYNC_ACTORS, key, { propagation: 'Foreground' })
    await becomeGone(harness, ASYNC_ACTORS)
    expect(await read(harness, CONFIG_MAPS)).toBeUndefined()
  },

  'An orphan stays, and has no owner.': async (harness) => {
    if (!harness.hasCollector) return
    await makeFamily(harness)
    const { client, namespace } = harness
    await client.remove(ASYNC_ACTORS, { namespace, name: 'echo' }, { propagation: 'Orphan' })
    await becomeGone(harness, ASYNC_ACTORS)
    const orphan = await read(harness, CONFIG_MAPS)
    expect(orphan).toBeDefined()
    expect(orphan?.metadata.ownerReferences ?? []).toEqual([])
  },

  'What belongs to an owner that there never was is deleted.': async (harness) => {
    if (!harness.hasCollector) return
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: crypto.randomUUID() }
    await make(harness, SERVICE_ACCOUNTS, { metadata: { ownerReferences: [owner] } })
    await becomeGone(harness, SERVICE_ACCOUNTS)
  },
}
