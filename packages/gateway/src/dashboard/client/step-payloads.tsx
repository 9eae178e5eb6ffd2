import { useEffect, useState } from 'preact/hooks'
import type { StepLife } from './job-life.ts'
import { JsonView } from './json-view.tsx'
import { Loading, Problem } from './notices.tsx'
import { useData } from './use-data.ts'
import type { Job, Payloads, StepMessage } from './wire.ts'

interface StepPayloadsProps {
  readonly job: Job
  readonly step: StepLife
}

/** What came to a step and what left it, for each of its messages; asked for when it is opened. */
export function StepPayloads({ job, step }: StepPayloadsProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="step-payloads" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {step.name} <span class="soft">before and after</span>
      </summary>
      {isOpen && <StepMessages {...{ job, step }} />}
    </details>
  )
}

function StepMessages({ job, step }: StepPayloadsProps) {
  const path = `/dashboard/jobs/${encodeURIComponent(job.job_id)}/steps/${step.index}`
  const { value, problem, reload } = useData<{ messages: readonly StepMessage[] }>(path)
  useEffect(reload, [step.received, step.completed])
  if (problem !== undefined) return <Problem text={problem} onRetry={reload} />
  if (!value) return <Loading what="the payloads" />
  const messages = value.messages.toSorted((one, other) => compare(one.branch, other.branch))
  if (messages.length === 0) return <NothingTold />
  return (
    <ol>
      {messages.map(({ branch, before, after }) => (
        <li key={branch}>
          {messages.length > 1 && <h3>{nameOf(branch)}</h3>}
          <div class="pair">
            <Side label={`Before ${step.name}`} payloads={before} />
            <Side label={`After ${step.name}`} payloads={after} />
          </div>
        </li>
      ))}
    </ol>
  )
}

function NothingTold() {
  return (
    <p class="soft">
      The sidecar of this step has told nothing of payloads. It does with{' '}
      <code>ASYA_REPORT_PAYLOADS=true</code>.
    </p>
  )
}

function Side({ label, payloads }: { label: string; payloads: Payloads | undefined }) {
  if (!payloads) return <p class="soft">{label}: nothing was told.</p>
  const { excerpts, count } = payloads
  if (count === 0) return <p class="soft">{label}: nothing. The pipeline ends here.</p>
  return (
    <div>
      {excerpts.map((excerpt, at) => (
        <JsonView
          key={at}
          label={count === 1 ? label : `${label}, ${at + 1} of ${count}`}
          excerpt={excerpt}
        />
      ))}
      {count > excerpts.length && <p class="soft">{count - excerpts.length} more are not kept.</p>}
    </div>
  )
}

/** By the numbers of the branches. */
function compare(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

/** A branch by its number in each fan-out. */
function nameOf(branch: string): string {
  const indices = branch.split('/').map((entry) => entry.split('.', 1).join())
  return branch === '' ? 'Before any fan-out' : `Branch ${indices.join(' › ')}`
}
