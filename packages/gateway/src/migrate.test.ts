import { once } from 'node:events'
import net from 'node:net'
import { expect, inject, test } from 'vitest'
import { migrate } from './migrate.ts'
import { createTestDatabase } from './testing/test-database.ts'

// An error of one that is still closing, and that nobody listens to, would end the process.
test('No connection is left when the tables are made.', async () => {
  const database = await createTestDatabase(inject('postgresUrl'))
  const url = new URL(database.url)
  const server = { host: url.hostname, port: Number(url.port) }
  const open = new Set<net.Socket>()
  const proxy = net.createServer({ allowHalfOpen: true }, (socket) => {
    const toServer = net.connect(server)
    open.add(toServer)
    toServer.once('end', () => open.delete(toServer))
    socket.pipe(toServer).pipe(socket)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  url.port = String((proxy.address() as net.AddressInfo).port)
  expect(await migrate(url.href)).not.toEqual([])
  expect(open.size).toBe(0)
  proxy.close()
  await database.close()
})
