import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TlsFiles } from './endpoint.ts'
import { RabbitmqTransport } from './rabbitmq-transport.ts'
import { collect, eventually, outgoing } from './testing/collector.ts'
import { expectUnusable } from './testing/expect-unusable.ts'
import { openTestVhost, type TestVhost } from './testing/test-vhost.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

// A server that ends TLS stands before the broker: the client cannot tell the difference.
describe.runIf(hasOpenssl)('Over TLS', { timeout: 30_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'asya-tls-'))
  let vhost: TestVhost
  let server: tls.Server

  beforeAll(async () => {
    vhost = await openTestVhost()
    makeCertificate('server')
    makeCertificate('client')
    server = tls.createServer(
      {
        cert: read('server.pem'),
        key: read('server.key'),
        ca: read('client.pem'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (client) => {
        const upstream = net.connect(vhost.endpoint.port, vhost.endpoint.host)
        client.on('error', () => upstream.destroy())
        upstream.on('error', () => client.destroy())
        client.pipe(upstream).pipe(client)
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  function makeCertificate(name: string): void {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
    ])
    if (made.status !== 0) throw new Error(made.stderr.toString())
  }

  function read(name: string): Buffer {
    return readFileSync(join(folder, name))
  }

  function open(files: TlsFiles): RabbitmqTransport {
    const { port } = server.address() as AddressInfo
    const endpoint = { ...vhost.endpoint, host: 'localhost', port, tls: files }
    return new RabbitmqTransport({ endpoint, naming: { exchange: vhost.exchange } })
  }

  const own = {
    certificatePath: join(folder, 'client.pem'),
    keyPath: join(folder, 'client.key'),
  }

  it('A transport that trusts the authority and shows its certificate publishes and consumes', async () => {
    const transport = open({ caPath: join(folder, 'server.pem'), ...own })
    const queue = `tls-${vhost.name}`
    const { texts } = await collect(transport, queue)
    expect(await transport.publish(outgoing(queue, 'sealed'))).toEqual({ type: 'confirmed' })
    await eventually('the delivery', () => texts.length === 1)
    await transport.close()
  })

  it('A broker that nobody vouches for is not spoken with', async () => {
    const transport = open(own)
    await expectUnusable(transport, /self[- ]signed certificate/)
    await transport.close()
  })

  it('A transport that shows no certificate is turned away by a broker that wants one', async () => {
    const transport = open({ caPath: join(folder, 'server.pem') })
    await expect(transport.whenReady(1_000)).rejects.toThrow(/cannot be used/)
    await transport.close()
  })
})
