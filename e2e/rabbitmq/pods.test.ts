import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { desireObjects, type Platform, type StoredActor } from '@asya/operator/desired'
import { runtimePythonPath } from '@asya/runtime-python'
import { RabbitmqTransport } from '@asya/transport/rabbitmq'
import { openTestVhost, type TestVhost } from '@asya/transport/rabbitmq/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { eventually } from '../eventually.ts'
import { buildGreeter, sidecarImage, type Greeter } from '../kubelet/greeter.ts'
import type { ClusterNode } from '../kubelet/node.ts'
import { Pod } from '../kubelet/pod.ts'
import { readPodSpec, type PodSpec } from '../kubelet/pod-spec.ts'
import { ReplicaSet } from '../kubelet/replica-set.ts'
import { python } from '../pythons.ts'

/**
 * The pods that the operator makes of an example's actor, run as processes on a real broker by what
 * plays their kubelet: whatever is done to them, no message is lost, and none fails.
 */

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

// Sockets are in it: their paths have at most 107 bytes.
const folder = mkdtempSync(join(tmpdir(), 'pods-'))
const hold = join(folder, 'hold')
const arrived: End[] = []
const failed: End[] = []
let vhost: TestVhost
let outside: RabbitmqTransport
let greeter: Greeter
let password: string
const sets: ReplicaSet[] = []
const pods: Pod[] = []

interface End {
  readonly id: string
  readonly payload: unknown
  readonly error?: unknown
}

beforeAll(async () => {
  vhost = await openTestVhost()
  const { endpoint, exchange } = vhost
  password = await endpoint.password.read()
  outside = new RabbitmqTransport({ endpoint, naming: { exchange } })
  greeter = buildGreeter(folder)
  for (const [queue, ends] of [
    ['happy-end', arrived],
    ['error-end', failed],
  ] as const) {
    await outside.consume(queue, {
      prefetch: 500,
      onDelivery: (delivery) => {
        ends.push(JSON.parse(Buffer.from(delivery.body).toString()) as End)
        delivery.settle('acknowledge')
      },
    })
  }
})

afterEach(({ task }) => {
  const all = [...sets.flatMap((set) => set.pods), ...pods]
  if (task.result?.state === 'fail') console.error(all.map((pod) => pod.describe()).join('\n'))
  for (const pod of all) pod.crash()
  sets.length = 0
  pods.length = 0
  arrived.length = 0
  failed.length = 0
})

afterAll(async () => {
  await outside.close()
  rmSync(folder, { recursive: true, force: true })
})

type Spec = StoredActor['spec']
type RuntimeContainer = Spec['workload']['template']['spec']['containers'][number]

interface Made {
  readonly queue: string
  readonly pod: PodSpec
  readonly node: ClusterNode
}

/** The pod that the operator makes of the example's actor, with a queue of its own and more words. */
function makePod(queue: string, more: Partial<Spec>, container: Partial<RuntimeContainer>): Made {
  const { actor, image } = greeter
  const { workload } = actor.spec
  const [runtime] = workload.template.spec.containers
  if (runtime?.image === undefined) throw new Error('the example has no image')
  const spec: Spec = {
    ...actor.spec,
    ...more,
    queueName: queue,
    workload: { ...workload, template: { spec: { containers: [{ ...runtime, ...container }] } } },
  }
  const { endpoint, exchange } = vhost
  const platform: Platform = {
    rabbitmq: {
      host: endpoint.host,
      port: endpoint.port,
      vhost: endpoint.vhost,
      exchange,
      username: endpoint.username,
      passwordSecretRef: { name: 'broker', key: 'password' },
    },
    sidecar: { image: 'asya-sidecar:0.1.0', resources: {} },
    gateway: undefined,
    hasKeda: false,
    hasNativeSidecars: true,
    pythonRuntime: readFileSync(runtimePythonPath, 'utf8'),
    hasNetworkPolicies: false,
  }
  const { objects } = desireObjects({ ...actor, spec }, platform)
  const workloadObject = objects.find(({ kind }) => kind === 'Deployment')
  if (workloadObject === undefined) throw new Error('it has no Deployment')
  const configMaps = objects.filter(({ kind }) => kind === 'ConfigMap')
  return {
    queue,
    pod: readPodSpec(workloadObject),
    node: {
      images: { [runtime.image]: image, 'asya-sidecar:0.1.0': sidecarImage },
      secrets: { broker: { password }, pace: { ms: '25' } },
      configMaps: Object.fromEntries(
        configMaps.map(({ metadata, data }) => [metadata.name, data as Record<string, string>]),
      ),
    },
  }
}

const PACED = [{ name: 'PACE_MS', valueFrom: { secretKeyRef: { name: 'pace', key: 'ms' } } }]

/** Sends messages to a queue, which may be about to be made; some at a time, as many senders do. */
async function send(queue: string, ids: readonly string[]): Promise<void> {
  const rest = [...ids]
  const sendRest = async (): Promise<void> => {
    for (let id = rest.shift(); id !== undefined; id = rest.shift()) {
      const route = { steps: [queue], current: 0 }
      const body = Buffer.from(JSON.stringify({ id, route, payload: { name: id } }))
      const message = { queue, body, messageId: id }
      while ((await outside.publish(message)).type !== 'confirmed') await sleep(50)
    }
  }
  await Promise.all(Array.from({ length: 4 }, sendRest))
}

const countArrived = (): number => new Set(arrived.map(({ id }) => id)).size

interface Plan {
  /** Replicas, one number after the other; the first is that of a round's work. */
  readonly replicas: readonly number[]
  readonly rounds: number
  readonly perRound: number
}

/** Sends messages while replicas come and go, and holds what comes of it to the laws. */
async function work({ queue, pod, node }: Made, { replicas, rounds, perRound }: Plan) {
  const set = new ReplicaSet(pod, mkdtempSync(join(folder, 'r')), node)
  sets.push(set)
  const [many = 1, ...fewer] = replicas
  for (let round = 1; round <= rounds; round++) {
    const before = countArrived()
    await set.scale(many)
    await send(
      queue,
      Array.from({ length: perRound }, (_, index) => `${round}-${index}`),
    )
    // They go in the middle of the work; but the last of them finish it.
    const wanted = round === rounds ? rounds * perRound : before + perRound / 3
    await eventually(`${wanted} results`, () => countArrived() >= wanted, 60_000)
    for (const count of fewer) {
      await set.scale(count)
      await sleep(200)
    }
    await set.settle()
  }
  expect(failed).toEqual([])
  expect(countArrived()).toBe(rounds * perRound)
  expect(arrived.length - countArrived(), 'came twice').toBe(0)
  const events = set.pods.flatMap(({ containers }) => containers.flatMap((each) => each.events))
  expect(events.filter((event) => /SIGKILL|preStop: [^02]/.test(event))).toEqual([])
}

const OFTEN: Plan = { replicas: [4, 1, 0], rounds: 3, perRound: 667 }
const ONCE: Plan = { replicas: [2, 1, 0], rounds: 2, perRound: 150 }

test('Of 2,000 messages none is lost, fails or comes twice, while replicas come and go.', async () => {
  await work(makePod('greet-native', { concurrency: 4 }, { env: PACED }), OFTEN)
})

test('It is the same where the sidecar is a container like others.', async () => {
  const sidecar = { mode: 'Container' } as const
  await work(makePod('greet-classic', { concurrency: 4, sidecar }, { env: PACED }), ONCE)
})

test('It is the same with a hook of the user, beside which the sidecar drains by itself.', async () => {
  const lifecycle = { preStop: { exec: { command: ['sleep', '0.1'] } } }
  await work(makePod('greet-hook', { concurrency: 4 }, { env: PACED, lifecycle }), ONCE)
})

test('It is the same with a runtime that starts slowly: nothing is taken before it is there.', async () => {
  const env = [...PACED, { name: 'START_MS', value: '1000' }]
  await work(makePod('greet-slow', { concurrency: 4 }, { env }), ONCE)
})

test.skipIf(python === undefined)(
  'It is the same with an actor in Python, whose runtime is mounted.',
  async () => {
    const env = [...PACED, { name: 'ASYA_HANDLER', value: 'paced.greet' }]
    await work(makePod('greet-python', { concurrency: 4 }, { env }), ONCE)
  },
)

test('A pod that does not end in its grace is killed, and its message comes again.', async () => {
  const env = [{ name: 'HOLD', value: hold }]
  const { pod, node, queue } = makePod('greet-held', { timeout: { processing: 60 } }, { env })
  writeFileSync(hold, '')
  const first = await Pod.start(pod, join(folder, 'held'), node)
  pods.push(first)
  await send(queue, ['held'])
  await eventually('it is in the handler', () => existsSync(`${hold}.begun`), 30_000)
  await first.delete(500)
  expect(first.find('runtime').events).toContain('SIGKILL')
  rmSync(hold)
  const second = await Pod.start(pod, join(folder, 'again'), node)
  pods.push(second)
  await eventually('it is ready', () => second.isReady, 30_000)
  await eventually('the result', () => arrived.length > 0, 30_000)
  expect(arrived).toMatchObject([{ id: 'held', payload: { text: 'Hello, held!' } }])
  expect(failed).toEqual([])
  await second.delete()
})
