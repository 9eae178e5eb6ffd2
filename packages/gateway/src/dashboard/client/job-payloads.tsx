import type { JobLife } from './job-life.ts'
import { JsonView } from './json-view.tsx'
import { StepPayloads } from './step-payloads.tsx'
import { hasEnded, type JobDetails } from './wire.ts'

interface JobPayloadsProps {
  readonly details: JobDetails
  readonly life: JobLife
}

/** What went in, what each step made of it, and what came out, if the gateway was told to show it. */
export function JobPayloads({ details, life }: JobPayloadsProps) {
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
      {life.steps.map((step) => (
        <StepPayloads key={step.index} {...{ job, step }} />
      ))}
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
    </>
  )
}
