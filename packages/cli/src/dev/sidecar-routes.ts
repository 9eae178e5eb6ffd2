import { decodeFinal, decodeProgress, decodeProgressBatch } from '@asya/protocol'
import type { ControlRoutes } from './control-server.ts'
import type { JobBoard } from './job-board.ts'

/** What the sidecars tell, as they would tell the gateway (design, section 4). */
export function sidecarRoutes(board: JobBoard): ControlRoutes {
  return {
    'POST /progress': ({ body }) => {
      for (const report of decodeProgressBatch(body)) board.recordProgress(report)
      return { status: 200 }
    },
    'POST /jobs/:id/progress': ({ params, body }) => {
      const report = decodeProgress(params['id'] ?? '', body)
      if (!report) return { status: 400, json: { error: 'this is no progress' } }
      board.recordProgress(report)
      return { status: 200 }
    },
    'POST /jobs/:id/final': ({ params, body }) => {
      const final = decodeFinal(params['id'] ?? '', body)
      if (!final) return { status: 400, json: { error: 'this is no final' } }
      return { status: board.recordFinal(final) === 'gone' ? 410 : 200 }
    },
    'POST /jobs/:id/heartbeat': ({ params }) => {
      const job = board.find(params['id'] ?? '')
      if (!job) return { status: 404, json: { error: 'there is no such job' } }
      return { status: 200, json: { cancel: job.state.status === 'cancelled' } }
    },
  }
}
