import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createKubeClient, type KubeClient } from '../kube/kube-client.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import { EVENTS } from '../kube/resources.ts'
import { FakeApiServer } from '../testing/fake/fake-api-server.ts'
import { EventRecorder, type News } from './event-recorder.ts'

const ACTOR = {
  apiVersion: 'asya.io/v1alpha1',
  kind: 'AsyncActor',
  metadata: { name: 'echo', namespace: 'default', uid: 'u-1', resourceVersion: '7' },
}

function news(members: Partial<News> = {}): News {
  return { type: 'Normal', reason: 'Ready', action: 'Reconcile', note: 'it is ready', ...members }
}

describe('telling of events', () => {
  let server: FakeApiServer
  let client: KubeClient
  let recorder: EventRecorder

  beforeEach(async () => {
    server = await FakeApiServer.start()
    client = createKubeClient(server.kubeConfig(), { userAgent: 'test', patienceMs: 0 })
    recorder = new EventRecorder({ client, component: 'asya-operator', instance: 'pod-1' })
  })
  afterEach(async () => {
    await recorder.close()
    client.close()
    await server.close()
  })

  async function listEvents(): Promise<readonly KubeObject[]> {
    return (await client.list(EVENTS, { namespace: 'default' })).items
  }

  async function listWhen(count: number): Promise<readonly KubeObject[]> {
    await vi.waitFor(async () => expect(await listEvents()).toHaveLength(count), { timeout: 5_000 })
    return listEvents()
  }

  test('An event says what happened, to whom, and who tells.', async () => {
    recorder.record(ACTOR, news({ type: 'Warning', reason: 'NotReady', note: 'why not' }))
    const [event] = await listWhen(1)
    expect(event).toMatchObject({
      type: 'Warning',
      reason: 'NotReady',
      action: 'Reconcile',
      note: 'why not',
      regarding: { kind: 'AsyncActor', name: 'echo', namespace: 'default', uid: 'u-1' },
      reportingController: 'asya-operator',
      reportingInstance: 'pod-1',
    })
    expect(event?.['eventTime']).toMatch(/\.\d{6}Z$/)
    expect(event).not.toHaveProperty('series')
  })

  test('What is said again is the same event with a count; what is new is another.', async () => {
    recorder.record(ACTOR, news())
    await listWhen(1)
    recorder.record(ACTOR, news())
    recorder.record(ACTOR, news())
    await vi.waitFor(async () => {
      expect((await listEvents())[0]?.['series']).toMatchObject({ count: 3 })
    })
    recorder.record(ACTOR, news({ note: 'it is ready again' }))
    recorder.record({ ...ACTOR, metadata: { ...ACTOR.metadata, uid: 'u-2' } }, news())
    await listWhen(3)
  })

  test('An object that says much is told 25 times.', async () => {
    for (let round = 0; round < 100; round += 1) recorder.record(ACTOR, news({ note: `${round}` }))
    await recorder.close()
    expect(await listEvents()).toHaveLength(25)
    expect(recorder.droppedCount).toBe(75)
  })

  test('What cannot be written is dropped, and the next is told.', async () => {
    server.setFaults({ seed: 1, rates: { fail: 1 } })
    recorder.record(ACTOR, news())
    await vi.waitFor(() => expect(recorder.droppedCount).toBe(1))
    server.faults.stop()
    recorder.record(ACTOR, news())
    const [event] = await listWhen(1)
    expect(event).not.toHaveProperty('series')
  })

  test('A long note is cut to what the API server takes, and so is a long name.', async () => {
    const metadata = { ...ACTOR.metadata, name: 'a'.repeat(253) }
    recorder.record({ ...ACTOR, metadata }, news({ note: 'é'.repeat(2_000) }))
    const [event] = await listWhen(1)
    expect(Buffer.byteLength(String(event?.['note']))).toBeLessThanOrEqual(1_024)
    expect(event?.['note']).toMatch(/^é+…$/)
  })

  test('Closing writes what waits, and after it nothing is written.', async () => {
    recorder.record(ACTOR, news())
    await recorder.close()
    await recorder.close()
    recorder.record(ACTOR, news({ note: 'late' }))
    expect(await listEvents()).toHaveLength(1)
  })

  test('Closing waits no longer than two seconds for a server that does not answer.', async () => {
    server.setFaults({ seed: 1, rates: { slow: 1 }, slowMs: 4_000 })
    recorder.record(ACTOR, news())
    const startedAt = performance.now()
    await recorder.close()
    expect(performance.now() - startedAt).toBeLessThan(3_500)
  })
})
