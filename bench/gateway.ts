import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { HAPPY_END } from '@asya/protocol'
import { onGateway, type GatewayRig } from './gateway-rig.ts'
import { compare, median, type BenchOptions, type Row } from './measure.ts'
import { messageOf, PAYLOADS } from './payloads.ts'
import { pathOf, start } from './processes.ts'
import { startRateProcess, type RateProcess } from './rate-process.ts'
import { measureRate } from './rabbitmq.ts'
import { openLoad } from './rabbitmq-load.ts'
import { startAsya, startEnds, usageOf, type Way } from './rabbitmq-workers.ts'

const ROUTE = ['gateway-a', 'gateway-b', 'gateway-c'] as const
/** Of a tool that nobody works for: what is accepted stays in its queue. */
const IDLE = 'gateway-idle'

/** Accepting calls, whole jobs, streams: one gateway, RabbitMQ and PostgreSQL on this machine. */
export async function* benchGateway(options: BenchOptions): AsyncGenerator<Row> {
  const tools = [
    { name: 'steps', route: ROUTE },
    { name: 'idle', route: [IDLE] },
  ]
  yield* onGateway(tools, async function* (rig) {
    const load = await openLoad({ url: rig.brokerUrl, body: Buffer.from('{}'), queues: [IDLE] })
    yield rssRow('gateway/rss/idle', rig)
    if (options.isWanted('gateway/accept')) yield* benchAccept(rig, options)
    if (options.isWanted('gateway/sse')) yield* benchStreams(rig, options)
    if (options.isWanted('gateway/jobs') || options.isWanted('gateway/latency'))
      yield* benchJobs(rig, options)
    await load.close()
  })
}

function rssRow(row: string, { process }: GatewayRig): Row {
  const { rssMib: value } = usageOf(process.child.pid)
  return { row, unit: 'MiB', value, baseline: IDLE_MIB, ratio: value / IDLE_MIB }
}

/** What an idle gateway may have. */
const IDLE_MIB = 120

const MCP_CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {
        extensions: { 'io.modelcontextprotocol/tasks': {} },
      },
    },
    name: 'idle',
    arguments: { text: 'a page' },
  },
})

const MCP_HEADERS = {
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'idle',
}

const CLIENTS = 32

async function* benchAccept(rig: GatewayRig, { isQuick }: BenchOptions): AsyncGenerator<Row> {
  const bare = await start({
    args: [pathOf('bench/programs/insert-server.ts'), rig.databaseUrl],
    readyText: 'serving',
  })
  const loads: RateProcess[] = []
  const open = (url: string, headers: object, wanted: string): (() => Promise<number>) => {
    const args = [url, MCP_CALL, JSON.stringify(headers), String(CLIENTS), wanted]
    const process = startRateProcess('bench/programs/http-load.ts', args)
    loads.push(process)
    return () => process.measure()
  }
  try {
    yield await compare({
      row: `gateway/accept/c${CLIENTS}`,
      unit: 'calls/s',
      measured: open(`${rig.url}/mcp`, MCP_HEADERS, '"resultType":"task"'),
      baseline: open(bare.said.replace(/^.*serving /s, '').trim(), {}, '"id"'),
      pairs: isQuick ? 1 : 5,
    })
    yield rssRow('gateway/accept/rss', rig)
  } finally {
    for (const load of loads) await load.stop()
    await bare.stop()
  }
}

const STREAMS = 2_000
const UPDATES_PER_SECOND = 500
const P99_MS = 100
const KIB_PER_STREAM = 40

async function* benchStreams(rig: GatewayRig, { isQuick }: BenchOptions): AsyncGenerator<Row> {
  const numbers = [isQuick ? STREAMS / 10 : STREAMS, UPDATES_PER_SECOND, isQuick ? 3 : 15]
  const child = spawn(
    process.execPath,
    [pathOf('bench/programs/stream-load.ts'), rig.url, 'idle', ...numbers.map(String)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines = createInterface(child.stdout)
  const next = async (): Promise<string> => String((await once(lines, 'line'))[0])
  await next()
  const before = usageOf(rig.process.child.pid).rssMib
  child.stdin.write('open\n')
  await next()
  const perStream = ((usageOf(rig.process.child.pid).rssMib - before) * 1_024) / (numbers[0] ?? 1)
  const result = JSON.parse(await next()) as { p99: number; sent: number; arrived: number }
  if (result.arrived !== result.sent)
    throw new Error(`${result.arrived} of ${result.sent} updates arrived`)
  const p99 = { value: result.p99, baseline: P99_MS }
  yield { row: 'gateway/sse/p99', unit: 'ms', ...p99, ratio: result.p99 / P99_MS }
  const memory = { value: perStream, baseline: KIB_PER_STREAM }
  yield {
    row: 'gateway/sse/memory',
    unit: 'KiB/stream',
    ...memory,
    ratio: perStream / KIB_PER_STREAM,
  }
}

const WAITING_CALL = JSON.stringify({
  name: 'steps',
  arguments: { text: 'a page' },
  wait_ms: 30_000,
})

/** Three steps with their progress, to the end; the baseline is the same without a gateway. */
async function* benchJobs(rig: GatewayRig, options: BenchOptions): AsyncGenerator<Row> {
  const { isQuick } = options
  const rate = async (clients: number, times: number): Promise<number> => {
    const way: Way = { url: rig.brokerUrl, queues: [...ROUTE, HAPPY_END], concurrency: 16 }
    const workers = await startAsya({ ...way, gatewayUrl: rig.url })
    const ends = await startEnds({ ...way, gatewayUrl: rig.url })
    const args = [`${rig.url}/tools/call`, WAITING_CALL, '{}', String(clients), '"succeeded"']
    const load = startRateProcess('bench/programs/http-load.ts', args)
    try {
      const rates: number[] = []
      for (let time = 0; time < times; time++) rates.push(await load.measure())
      // The first ones warm up.
      return median(rates.slice(Math.floor(times / 2)))
    } finally {
      await load.stop()
      await ends.stop()
      await workers.stop()
    }
  }
  if (options.isWanted('gateway/jobs')) {
    const value = await rate(64, isQuick ? 2 : 10)
    const without = {
      url: rig.brokerUrl,
      payload: '1KB',
      concurrency: 16,
      steps: 3,
      isQuick,
    } as const
    const { perSecond: baseline } = await measureRate(startAsya, without)
    yield { row: 'gateway/jobs', unit: 'jobs/s', value, baseline, ratio: value / baseline }
  }
  if (options.isWanted('gateway/latency')) {
    const value = 1_000 / (await rate(1, isQuick ? 2 : 10))
    const baseline = await measureWithout(rig.brokerUrl, isQuick ? 300 : 3_000)
    yield { row: 'gateway/latency/idle', unit: 'ms', value, baseline, ratio: value / baseline }
  }
}

/** ms from the first queue through three steps to the last one, one message at a time. */
async function measureWithout(url: string, trips: number): Promise<number> {
  const queues = ['without-a', 'without-b', 'without-c', 'without-end']
  const body = messageOf(PAYLOADS['1KB'], queues.slice(0, -1))
  const workers = await startAsya({ url, queues, concurrency: 1 })
  const load = await openLoad({ url, body, queues })
  try {
    const times: number[] = []
    for (let trip = 0; trip < trips; trip++) times.push(await load.roundTrip())
    return median(times.slice(Math.floor(trips / 2)))
  } finally {
    await workers.stop()
    await load.close()
  }
}
