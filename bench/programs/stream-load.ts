/**
 * Opens a stream for each of so many jobs, reports progress of them, and sees it arrive. Prints one line:
 * the p99 of the way from report to stream in ms, what was sent and what arrived.
 *
 * Arguments: URL of the gateway, name of a tool, streams, updates per second, seconds.
 */
import { Agent, get, request, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const [url = '', tool = '', ...numbers] = process.argv.slice(2)
const [streamCount = 0, perSecond = 0, seconds = 0] = numbers.map(Number)

const agent = new Agent({ keepAlive: true, maxSockets: 16 })

function post(path: string, value: unknown): Promise<string> {
  const body = JSON.stringify(value)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const delays: number[] = []

/** Notes when the updates of a stream arrive; each says when it was sent. */
function listen(response: IncomingMessage): void {
  let rest = ''
  response.on('data', (chunk) => {
    const events = (rest + String(chunk)).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const sentAt = /"message":"([\d.]+)"/.exec(event)?.[1]
      if (sentAt !== undefined) delays.push(performance.now() - Number(sentAt))
    }
  })
}

function openStream(jobId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(`${url}/jobs/${jobId}/stream`, { agent: false }, (response) => {
      listen(response)
      resolve()
    }).on('error', reject)
  })
}

const jobIds: string[] = []
for (let job = 0; job < streamCount; job++) {
  const answer = await post('/tools/call', { name: tool, arguments: {} })
  jobIds.push((JSON.parse(answer) as { job_id: string }).job_id)
}
process.stdout.write('accepted\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
for (let from = 0; from < streamCount; from += 100)
  await Promise.all(jobIds.slice(from, from + 100).map(openStream))
await sleep(2_000)
process.stdout.write('open\n')

/** As sidecars do: gathered for 50 ms. */
const BATCH_MS = 50
const batchSize = Math.round((perSecond * BATCH_MS) / 1_000)
const startedAt = performance.now()
const posts: Promise<string>[] = []
let sent = 0
for (let batch = 0; batch < (seconds * 1_000) / BATCH_MS; batch++) {
  const updates = Array.from({ length: batchSize }, () => ({
    ...{ job_id: jobIds[sent++ % streamCount], step: 'a', step_index: 0, total_steps: 1 },
    ...{ status: 'processing', actor_name: 'a', percent: 1, message: String(performance.now()) },
  }))
  posts.push(post('/progress', { updates }))
  await sleep(startedAt + (batch + 1) * BATCH_MS - performance.now())
}
await Promise.all(posts)
await sleep(3_000)
const sorted = delays.toSorted((a, b) => a - b)
const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? NaN
process.stdout.write(`${JSON.stringify({ p99, sent, arrived: delays.length })}\n`)
process.exit(0)
