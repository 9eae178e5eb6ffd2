import { expect, test } from 'vitest'
import { startOpsServer } from './ops-server.ts'

test('the ops server answers its routes, hides the query, and survives a route that throws', async () => {
  const server = await startOpsServer(
    { host: '127.0.0.1', port: 0 },
    {
      'GET /health': () => ({ status: 200, body: 'fine' }),
      'GET /broken': () => {
        throw new Error('broken on purpose')
      },
    },
  )
  const get = async (path: string): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${String(server.port)}${path}`)
    return [response.status, await response.text()]
  }
  expect(await get('/health?verbose=1')).toEqual([200, 'fine'])
  expect(await get('/broken')).toEqual([500, 'Error: broken on purpose\n'])
  expect(await get('/none')).toEqual([404, 'there is GET /health, GET /broken\n'])
  await server.close()
  await expect(get('/health')).rejects.toThrow()
})

test('the ops server says when its address is taken', async () => {
  const first = await startOpsServer({ host: '127.0.0.1', port: 0 }, {})
  const second = startOpsServer({ host: '127.0.0.1', port: first.port }, {})
  await expect(second).rejects.toThrow('EADDRINUSE')
  await first.close()
})
