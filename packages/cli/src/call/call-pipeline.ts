import { nameFromExport } from '@asya/protocol'
import type { DevClient } from '../client/dev-client.ts'
import type { JobEvent } from '../client/events.ts'
import { Limiter } from '../limiter.ts'
import { toExportName } from '../consume/names.ts'
import { CommandError, UsageError } from '../errors.ts'
import { explainUnknown } from '../suggest.ts'
import { showProgress, type JobProgressView, type ProgressOptions } from './job-progress.ts'

/** How a job ended. */
export type JobEnd = Exclude<JobEvent, { type: 'progress' }> & { readonly jobId: string }

export interface Call {
  readonly pipeline: string
  readonly payloads: readonly Uint8Array[]
}

export interface CallContext {
  readonly client: DevClient
  /** Aborting cancels the jobs. */
  readonly signal: AbortSignal
  readonly progress: Pick<ProgressOptions, 'stream' | 'paint'>
  /** Given the view as soon as there is one, for lines from elsewhere. */
  onView?(view: JobProgressView): void
}

/** So many jobs of one call are open at a time; the next starts when one has ended. */
const MAX_OPEN = 500

/**
 * Starts a job for each payload and follows them to their ends, in the order of the payloads. When
 * the signal is aborted the jobs are cancelled, which is then how they ended; those that had not
 * started are left out.
 */
export async function callPipeline(call: Call, context: CallContext): Promise<readonly JobEnd[]> {
  const { pipeline, payloads } = call
  const { client, signal } = context
  return withProgress(payloads.length, { ...context, pipeline }, async (follow) => {
    const open = new Limiter(MAX_OPEN)
    const ends = payloads.map((payload, index) =>
      open.run(async () => {
        if (signal.aborted) return undefined
        return follow(index, await startJob(pipeline, payload, client))
      }),
    )
    // All come to their ends before the first failure is told: nothing goes on behind it.
    await Promise.allSettled(ends)
    return (await Promise.all(ends)).filter((end) => end !== undefined)
  })
}

/** Follows one job that was started. */
export function followJob(
  job: { readonly pipeline: string; readonly jobId: string },
  context: CallContext,
): Promise<JobEnd> {
  return withProgress(1, { ...context, pipeline: job.pipeline }, (follow) => follow(0, job.jobId))
}

type Follow = (index: number, jobId: string) => Promise<JobEnd>

/** Shows how jobs go, and cancels them when the signal is aborted. */
async function withProgress<T>(
  jobCount: number,
  context: CallContext & { readonly pipeline: string },
  act: (follow: Follow) => Promise<T>,
): Promise<T> {
  const { client, signal, pipeline, progress } = context
  const open = new Set<string>()
  const cancelAll = (): void => {
    for (const id of open) void client.cancel(id).catch(() => undefined)
  }
  const view = showProgress({ ...progress, pipeline, jobCount })
  context.onView?.(view)
  signal.addEventListener('abort', cancelAll)
  try {
    return await act(async (index, jobId) => {
      open.add(jobId)
      if (signal.aborted) cancelAll()
      for await (const event of client.follow(jobId)) {
        view.update(index, { jobId, event })
        if (event.type === 'progress') continue
        open.delete(jobId)
        return { ...event, jobId }
      }
      throw new CommandError(`asya dev knows nothing of the job ${jobId} any more`)
    })
  } finally {
    signal.removeEventListener('abort', cancelAll)
    view.close()
  }
}

async function startJob(name: string, payload: Uint8Array, client: DevClient): Promise<string> {
  const started = await client.call(name, payload)
  switch (started.type) {
    case 'started':
      return started.job_id
    case 'refused':
      throw new CommandError(started.reason)
    case 'unknown-pipeline':
      throw new UsageError(explainUnknownPipeline(name, started))
  }
}

function explainUnknownPipeline(
  name: string,
  names: { readonly pipelines: readonly string[]; readonly actors: readonly string[] },
): string {
  const { pipelines, actors } = names
  if (actors.includes(name)) {
    const known = pipelines.length > 0 ? `: there is ${pipelines.join(', ')}` : ''
    return `"${name}" is an actor; what is called is a pipeline${known}`
  }
  const options = nameFromExport(toExportName(name)) === name ? '' : `, { name: '${name}' }`
  if (pipelines.length === 0)
    return (
      'the project exports no pipeline; this makes one:\n\n' +
      `  export const ${toExportName(name)} = definePipeline([${actors.map(toExportName).join(', ')}]${options})`
    )
  return explainUnknown('pipeline', name, pipelines)
}
