import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RabbitmqTransport } from '@asya/transport/rabbitmq'
import { openTestVhost, type TestVhost } from '@asya/transport/rabbitmq/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'

// As the build made them, in processes of their own, on a real broker.

const folder = mkdtempSync(join(tmpdir(), 'asya-e2e-'))
const children: ChildProcess[] = []
let vhost: TestVhost

beforeAll(async () => {
  vhost = await openTestVhost()
})

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

function path(file: string): string {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url))
}

interface Program {
  readonly child: ChildProcess
  readonly said: () => string
}

function start(args: readonly string[], environment: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...environment },
    cwd: path('examples/hello'),
  })
  children.push(child)
  let output = ''
  const keep = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return { child, said: () => output }
}

it(
  'A pipeline of the CLI runs on RabbitMQ, and nothing says the password',
  { timeout: 60_000 },
  async () => {
    const call = ['call', 'hello', '--json', '{"name":"Ada"}', '--rabbitmq']
    const asya = start([path('packages/cli/dist/main.js'), ...call], {
      ASYA_RABBITMQ_URL: vhost.url,
    })
    const [code] = (await once(asya.child, 'exit')) as [number]
    expect(asya.said()).toContain('{"text":"HELLO, ADA!"}')
    expect(code).toBe(0)
    expect(asya.said()).not.toContain(new URL(vhost.url).password)
  },
)

it(
  'A sidecar that has host and password file serves its queue, and ends in order',
  { timeout: 60_000 },
  async () => {
    const { endpoint } = vhost
    const password = join(folder, 'password')
    writeFileSync(password, `${await endpoint.password.read()}\n`)
    const socketPath = join(folder, 'app.sock')
    start([path('packages/runtime-node/dist/main.js')], {
      ASYA_HANDLER: `${path('examples/hello/hello.ts')}#shout`,
      ASYA_SOCKET_PATH: socketPath,
    })
    const sidecar = start([path('packages/sidecar/dist/main.js')], {
      ASYA_QUEUE_NAME: 'e2e-shout',
      ASYA_STEP_HAPPY_END: 'e2e-end',
      ASYA_SOCKET_PATH: socketPath,
      ASYA_RABBITMQ_HOST: endpoint.host,
      ASYA_RABBITMQ_PORT: `${endpoint.port}`,
      ASYA_RABBITMQ_VHOST: endpoint.vhost,
      ASYA_RABBITMQ_USERNAME: endpoint.username,
      ASYA_RABBITMQ_PASSWORD_FILE: password,
      ASYA_METRICS_ADDR: '127.0.0.1:0',
    })
    const transport = new RabbitmqTransport({ endpoint })
    const ended: string[] = []
    await transport.consume('e2e-end', {
      prefetch: 10,
      onDelivery: (delivery) => {
        ended.push(Buffer.from(delivery.body).toString())
        delivery.settle('acknowledge')
      },
    })
    await eventually('it consumes', () => sidecar.said().includes('"consuming"'), 20_000)
    const route = { steps: ['e2e-shout'], current: 0 }
    const body = Buffer.from(JSON.stringify({ id: 'm1', route, payload: { text: 'hello' } }))
    const published = await transport.publish({ queue: 'e2e-shout', body, messageId: 'm1' })
    expect(published).toEqual({ type: 'confirmed' })
    await eventually('the result', () => ended.length > 0, 20_000)
    expect(JSON.parse(ended[0] ?? '')).toMatchObject({ id: 'm1', payload: { text: 'HELLO' } })
    await transport.close()
    sidecar.child.kill('SIGTERM')
    const [code] = (await once(sidecar.child, 'exit')) as [number]
    expect(code).toBe(0)
    expect(sidecar.said()).not.toContain(await endpoint.password.read())
  },
)

it(
  'A sidecar that waits for its broker ends at SIGTERM, in order',
  { timeout: 30_000 },
  async () => {
    const sidecar = start([path('packages/sidecar/dist/main.js')], {
      ASYA_QUEUE_NAME: 'lonely',
      // Nobody listens there.
      ASYA_RABBITMQ_URL: 'amqp://guest:guest@127.0.0.1:1',
      ASYA_METRICS_ADDR: '127.0.0.1:0',
    })
    await eventually('it says that nobody answers', () => sidecar.said().includes('unreachable'))
    sidecar.child.kill('SIGTERM')
    expect(await once(sidecar.child, 'exit')).toEqual([0, null])
    expect(sidecar.said()).toContain('"closing"')
    expect(sidecar.said()).not.toContain('"started"')
  },
)
