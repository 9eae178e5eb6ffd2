import { decodeFinal, decodeProgress, decodeProgressBatch } from '@asya/protocol'
import type { ProgressReport } from '@asya/protocol'
import type { Jobs } from '../jobs/jobs.ts'
import type { StepPayloads } from '../jobs/step-payloads.ts'
import { answerJson, Refusal } from './answer.ts'
import { noSuchJob } from './job-routes.ts'
import type { Asked, Route } from './route.ts'

/** Of progress: it is parsed, and small values take much more memory then. */
const MAX_PROGRESS_BYTES = 4 * 1024 ** 2

/**
 * What sidecars tell and ask (design, section 4: gateway, from inside). What they tell of payloads is
 * kept if there is a place for it.
 */
export function sidecarRoutes(jobs: Jobs, payloads: StepPayloads | undefined): readonly Route[] {
  const record = async (reports: readonly ProgressReport[]): Promise<void> => {
    // Before: whoever hears that a step is over may ask for them.
    await payloads?.record(reports)
    await jobs.recordProgress(reports)
  }
  const route = (method: 'GET' | 'POST', path: string, handle: Route['handle']): Route => ({
    ...{ method, path, access: 'sidecar', handle },
    ...(path.endsWith('/progress') ? { maxBodyBytes: MAX_PROGRESS_BYTES } : {}),
  })
  return [
    route('POST', '/progress', async ({ readBody }) => {
      await record(decodeProgressBatch(await readBody()))
      return answerJson(200, {})
    }),
    route('POST', '/jobs/:id/progress', async (asked) => {
      const report = decodeProgress(readId(asked), await asked.readBody())
      if (!report) throw malformed('progress: expected {"step","status",…}')
      await record([report])
      return answerJson(200, {})
    }),
    route('POST', '/jobs/:id/heartbeat', async (asked) => {
      const id = readId(asked)
      const state = await jobs.heartbeat(id)
      if (state === 'unknown') throw noSuchJob(id)
      return answerJson(200, { cancel: state === 'ended' })
    }),
    route('GET', '/jobs/:id/active', async (asked) => {
      const id = readId(asked)
      const job = await jobs.find(id, undefined)
      if (!job) throw noSuchJob(id)
      if (job.endedAt) throw ended(id)
      return answerJson(200, { active: true })
    }),
    route('POST', '/jobs/:id/final', async (asked) => {
      const id = readId(asked)
      const final = decodeFinal(id, await asked.readBody())
      if (!final) throw malformed('final: expected {"status","branch","result" or "error"}')
      const answer = await jobs.recordFinal(final)
      if (answer === 'unknown') throw noSuchJob(id)
      if (answer === 'ended') throw ended(id)
      return answerJson(200, { answer })
    }),
  ]
}

function readId({ params }: Asked): string {
  return params['id'] ?? ''
}

function malformed(what: string): Refusal {
  return new Refusal(400, 'malformed', `the body is no ${what}`)
}

function ended(id: string): Refusal {
  return new Refusal(410, 'job_ended', `the job ${id} has ended: nothing more is needed of it`)
}
