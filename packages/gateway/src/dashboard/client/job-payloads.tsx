import { JsonView } from './json-view.tsx'
import { hasEnded, type JobDetails } from './wire.ts'

/** What went in and what came out, if the gateway was told to show it. */
export function JobPayloads({ details }: { details: JobDetails }) {
  const { job, input, results, shows_payloads: isShown } = details
  const short = job.job_id.slice(0, 8)
  if (!isShown) {
    return (
      <p class="soft">
        Payloads are not shown here. Set <code>ASYA_DASHBOARD_PAYLOADS=true</code> at the gateway to
        show them.
      </p>
    )
  }
  return (
    <>
      {input && (
        <JsonView
          label="Input"
          excerpt={input}
          path={`/dashboard/jobs/${job.job_id}/input`}
          fileName={`${job.tool}-${short}-input.json`}
        />
      )}
      {results ? (
        <JsonView
          label="Results, in order"
          excerpt={results}
          path={`/jobs/${job.job_id}`}
          fileName={`${job.tool}-${short}.json`}
        />
      ) : (
        <p class="soft">{hasEnded(job) ? 'It has no results.' : 'There are no results yet.'}</p>
      )}
      <p class="soft">
        What the steps hand on to each other goes from queue to queue. The gateway never sees it, so
        it cannot be shown here: there is only what went in first and what came out last.
      </p>
    </>
  )
}
