import { startOpsServer, type OpsServer } from '@asya/service/ops-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { opsRoutes } from './ops.ts'
import { eventually } from './testing/eventually.ts'
import { echo } from './testing/scripted-runtime.ts'
import { Workbench } from './testing/workbench.ts'

let bench: Workbench
let ops: OpsServer

beforeEach(async () => {
  bench = new Workbench(echo)
  await bench.start()
  const { registry } = bench.metrics
  const routes = opsRoutes(bench.sidecar, { registry, graceMs: 6_000 })
  ops = await startOpsServer({ host: '127.0.0.1', port: 0 }, routes)
})

afterEach(async () => {
  await ops.close()
  await bench.close()
})

async function get(path: string): Promise<{ status: number; body: string }> {
  const response = await fetch(`http://127.0.0.1:${String(ops.port)}${path}`)
  return { status: response.status, body: await response.text() }
}

describe('the ops server of a sidecar', () => {
  test('is ready exactly while it consumes', async () => {
    expect(await get('/ready')).toEqual({ status: 200, body: 'consuming\n' })
    await bench.runtime.crash()
    await eventually('the runtime is missed', () => bench.sidecar.state === 'waiting')
    expect(await get('/ready')).toEqual({ status: 503, body: 'waiting\n' })
  })

  test('is healthy also while the runtime is absent', async () => {
    await bench.runtime.crash()
    expect((await get('/health')).status).toBe(200)
  })

  test('drains on request, and says so', async () => {
    expect(await get('/drain')).toEqual({ status: 200, body: 'drained\n' })
    expect(await get('/ready')).toEqual({ status: 503, body: 'draining\n' })
  })

  test('shows the metrics of the original after a message', async () => {
    await bench.send(1)
    await bench.waitFor('next')
    await eventually('it is settled', () => bench.sidecar.inFlight === 0)
    const { body } = await get('/metrics')
    for (const line of [
      'asya_actor_messages_received_total{queue="actor"} 1',
      'asya_actor_messages_processed_total{status="success",queue="actor"} 1',
      'asya_actor_messages_sent_total{destination_queue="next",type="next",queue="actor"} 1',
      'asya_actor_active_messages{queue="actor"} 0',
      'asya_actor_processing_duration_seconds_count{queue="actor"} 1',
      'asya_actor_runtime_execution_duration_seconds_count{queue="actor"} 1',
      'asya_actor_queue_send_duration_seconds_count{queue="actor"} 1',
      'asya_actor_queue_receive_duration_seconds_count{queue="actor"} 1',
      'asya_actor_message_size_bytes_count{queue="actor",direction="received"} 1',
    ])
      expect(body).toContain(line)
  })

  test('names what there is when asked for something else', async () => {
    const answer = await get('/what')
    expect(answer.status).toBe(404)
    expect(answer.body).toContain('GET /health')
  })
})
