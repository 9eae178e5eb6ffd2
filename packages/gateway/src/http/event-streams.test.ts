import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import type { JobEnd, JobUpdate, UpdateType } from '../jobs/job.ts'
import { EventStreams } from './event-streams.ts'
import { StreamLimits } from './stream-limits.ts'

function update(seq: number, type: UpdateType): JobUpdate {
  return { jobId: 'a-job-of-its-own', seq, at: new Date(0), type, data: '{}' }
}

it('A stream ends with the end, also when progress comes while the results are read', async () => {
  const results = Promise.withResolvers<JobEnd>()
  const jobs = {
    follow: (_id: string, _seq: number, tell: (updates: readonly JobUpdate[]) => void) => {
      tell([update(1, 'pending'), update(2, 'succeeded')])
      tell([update(3, 'progress')])
      setTimeout(() => results.resolve({ results: undefined, errors: undefined }), 20)
      return () => undefined
    },
    readEnd: () => results.promise,
  }
  const feed = { follow: () => () => undefined }
  const limits = new StreamLimits({ maxStreams: 1, maxPerClient: 1 })
  const streams = new EventStreams({ jobs, feed, limits })
  const server = createServer((_request, response) => {
    streams.open({ jobId: 'a-job-of-its-own', seq: 0, client: '', response })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const text = await (await fetch(`http://127.0.0.1:${port}`)).text()
  expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => seq)).toEqual(['1', '2'])
  streams.close()
  await new Promise((resolve) => server.close(resolve))
})
