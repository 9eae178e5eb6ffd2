import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ASYNC_ACTORS,
  createKubeClient,
  SCALED_OBJECTS,
  type KubeClient,
} from '@asya/operator/kube'
import { FakeControllers, openApiServer, type OpenApiServer } from '@asya/operator/testing'
import { findFreePorts } from '@asya/service/free-ports'
import type { BenchOptions, Row } from './measure.ts'
import { pathOf } from './processes.ts'

const ACTORS = 1_000
const MAX_CONVERGE_S = 120
const MAX_CPU_MS = 2
const MAX_RSS_MIB = 200

/** Of the row about memory, on the fake alone: a real API server would take the machine's. */
const MANY_ACTORS = 10_000
const MAX_RSS_OF_MANY_MIB = 400

/**
 * The operator as it is built, as a process, on an API server: a real one where KUBEBUILDER_ASSETS
 * names one, else the fake, in this process. The baselines are limits: they are times of a whole
 * cluster, which nothing bare could stand for.
 */
export async function* benchOperator(options: BenchOptions): AsyncGenerator<Row> {
  const isWanted = (row: string): boolean => options.isWanted(row)
  const rows = ['operator/converge/1000', 'operator/reconcile/cpu', 'operator/rss/10000']
  if (!rows.some(isWanted)) return
  const assets = process.env['KUBEBUILDER_ASSETS']
  const count = options.isQuick ? 20 : ACTORS
  const server = await openApiServer(assets)
  const client = createKubeClient(server.kubeConfig, { userAgent: 'asya-bench' })
  const controllers = FakeControllers.start(
    createKubeClient(server.kubeConfig, { userAgent: 'asya-bench' }),
  )
  const operator = await OperatorProcess.start(server)
  try {
    const convergeS = await converge(client, count)
    await operator.whenQuiet()
    yield limit('operator/converge/1000', { value: convergeS, max: MAX_CONVERGE_S, unit: 's' })
    const cpuMs = await touchAll(client, operator, count)
    yield limit('operator/reconcile/cpu', { value: cpuMs, max: MAX_CPU_MS, unit: 'ms' })
    const rssMiB = operator.readRssMiB()
    yield limit('operator/rss', { value: rssMiB, max: MAX_RSS_MIB, unit: 'MiB' })
    if (assets === undefined && !options.isQuick && isWanted('operator/rss/10000')) {
      await createActors(client, { from: count, to: MANY_ACTORS })
      await operator.whenQuiet()
      const { items } = await client.list(SCALED_OBJECTS, { namespace: 'default' })
      if (items.length !== MANY_ACTORS) throw new Error(`${String(items.length)} actors scale`)
      const value = operator.readRssMiB()
      yield limit('operator/rss/10000', { value, max: MAX_RSS_OF_MANY_MIB, unit: 'MiB' })
    }
  } finally {
    await operator.close()
    await controllers.close()
    client.close()
    await server.close()
  }
}

function limit(
  row: string,
  { value, max, unit }: { value: number; max: number; unit: string },
): Row {
  return { row, value, unit, baseline: max, ratio: value / max }
}

function makeActor(index: number, queueLength: number) {
  const name = `actor-${String(index)}`
  const containers = [{ name: 'runtime', image: 'example.com/actor:1' }]
  return {
    apiVersion: 'asya.io/v1alpha1',
    kind: 'AsyncActor',
    metadata: { name, namespace: 'default' },
    spec: {
      queueName: name,
      scaling: { queueLength },
      workload: { template: { spec: { containers } } },
    },
  }
}

/** Seconds from the first actor to the last object of all of them. */
async function converge(client: KubeClient, count: number): Promise<number> {
  const startedAt = performance.now()
  await createActors(client, { from: 0, to: count })
  for (;;) {
    const { items } = await client.list(SCALED_OBJECTS, { namespace: 'default' })
    if (items.length >= count) return (performance.now() - startedAt) / 1_000
    await sleep(200)
  }
}

async function createActors(
  client: KubeClient,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  for (let index = from; index < to; index += 20) {
    const some = Array.from({ length: Math.min(20, to - index) }, (_, next) => index + next)
    await Promise.all(
      some.map((each) => client.apply(ASYNC_ACTORS, makeActor(each, 5), { manager: 'bench' })),
    )
  }
}

/**
 * CPU of a reconcile that writes nothing: another label on each actor is a change that asks for none.
 * The time to receive and keep it is in it.
 */
async function touchAll(
  client: KubeClient,
  operator: OperatorProcess,
  count: number,
): Promise<number> {
  const before = { cpuMs: operator.readCpuMs(), ...(await operator.readCounts()) }
  for (let index = 0; index < count; index += 1) {
    const actor = makeActor(index, 5)
    const touched = { ...actor, metadata: { ...actor.metadata, labels: { touched: 'yes' } } }
    await client.apply(ASYNC_ACTORS, touched, { manager: 'bench' })
  }
  await operator.whenQuiet()
  const after = { cpuMs: operator.readCpuMs(), ...(await operator.readCounts()) }
  const reconciles = after.reconciles - before.reconciles
  if (after.writes !== before.writes) throw new Error('a steady state was written to')
  if (reconciles < count) throw new Error(`${String(reconciles)} reconciles of ${String(count)}`)
  return (after.cpuMs - before.cpuMs) / reconciles
}

const QUIET_MS = 2_000
const TICKS_PER_SECOND = 100

class OperatorProcess {
  readonly #child: ChildProcess
  readonly #port: number
  readonly #folder: string

  private constructor(child: ChildProcess, port: number, folder: string) {
    this.#child = child
    this.#port = port
    this.#folder = folder
  }

  static async start(server: OpenApiServer): Promise<OperatorProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'asya-bench-operator-'))
    const kubeConfig = join(folder, 'kubeconfig')
    writeFileSync(kubeConfig, server.kubeConfig.exportConfig())
    const [port = 0] = await findFreePorts(1)
    const child = spawn(process.execPath, [pathOf('packages/operator/dist/main.js')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        KUBECONFIG: kubeConfig,
        ASYA_SIDECAR_IMAGE: 'example.com/asya/sidecar:0.1.0',
        ASYA_PYTHON_RUNTIME: pathOf('packages/runtime-python/asya.py'),
        ASYA_RABBITMQ_HOST: 'rabbitmq.asya.svc',
        ASYA_LEADER_ELECTION: 'false',
        ASYA_METRICS_ADDR: `127.0.0.1:${String(port)}`,
      },
    })
    const operator = new OperatorProcess(child, port, folder)
    await operator.#whenLeading()
    return operator
  }

  async readCounts(): Promise<{ readonly reconciles: number; readonly writes: number }> {
    // A connection that was kept may be closed as it is used, by an operator that was busy for long.
    const headers = { connection: 'close' }
    const url = `http://127.0.0.1:${String(this.#port)}/metrics`
    const text = await (await fetch(url, { headers })).text()
    return {
      reconciles: sum(text, 'asya_operator_reconcile_duration_seconds_count'),
      writes: sum(text, 'asya_operator_writes_total'),
    }
  }

  /** When nothing has been reconciled for a while. */
  async whenQuiet(): Promise<void> {
    let seen = -1
    for (;;) {
      const { reconciles } = await this.readCounts()
      if (reconciles === seen) return
      seen = reconciles
      await sleep(QUIET_MS)
    }
  }

  /** User and system time, as the kernel counts it (proc(5), fields 14 and 15). */
  readCpuMs(): number {
    const stat = readFileSync(`/proc/${String(this.#child.pid)}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000
  }

  readRssMiB(): number {
    const status = readFileSync(`/proc/${String(this.#child.pid)}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGTERM')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #whenLeading(): Promise<void> {
    while (this.#child.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${String(this.#port)}/ready`).catch(
        () => undefined,
      )
      if (answer?.status === 200) return
      await sleep(50)
    }
    throw new Error('the operator ended')
  }
}

function sum(metrics: string, name: string): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
