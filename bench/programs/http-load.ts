/**
 * Posts the same body again and again over so many connections; answers per second.
 *
 * Arguments: URL, body, headers as JSON, connections, the text that each answer must have.
 */
import { Agent, request } from 'node:http'
import { serveRate } from '../rate-process.ts'

const MEASURED_MS = 3_000

const [url = '', body = '', headersText = '{}', connections = '1', wanted = ''] =
  process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })
const headers = {
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
  ...(JSON.parse(headersText) as Record<string, string>),
}

function post(): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

serveRate(async () => {
  const startedAt = performance.now()
  let answered = 0
  const isOver = (): boolean => performance.now() - startedAt > MEASURED_MS
  const repeat = async (): Promise<void> => {
    while (!isOver()) {
      const text = await post()
      if (!text.includes(wanted)) throw new Error(`not what was wanted: ${text.slice(0, 300)}`)
      answered++
    }
  }
  await Promise.all(Array.from({ length: Number(connections) }, repeat))
  return (answered * 1_000) / (performance.now() - startedAt)
})
