import { useEffect, useRef, useState } from 'preact/hooks'
import { announce } from './announce.ts'
import { ask, explain, send } from './api.ts'
import { growTree } from './branch-tree.ts'
import { BranchTree } from './branch-view.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { ErrorList } from './error-list.tsx'
import { JobLog } from './job-log.tsx'
import { JobPayloads } from './job-payloads.tsx'
import { JobSteps } from './job-steps.tsx'
import { Age, Took } from './moments.tsx'
import { Loading, Problem } from './notices.tsx'
import { goTo, toHref } from './router.ts'
import { showMoment } from './show-time.ts'
import { StateBadge } from './state-badge.tsx'
import type { JobLife } from './job-life.ts'
import { useJob } from './use-job.ts'
import { hasEnded, type Job, type JobDetails } from './wire.ts'

/** The life of one job. */
export function JobPage({ id }: { id: string }) {
  const followed = useJob(id)
  const { details, problem, reload, life } = followed
  // The stream knows of the end before the details are asked again.
  const job: Job | undefined = details && {
    ...details.job,
    state: life.end ?? details.job.state,
  }
  useTold(job, id)
  return (
    <>
      <p class="crumbs">
        <a href={toHref(['jobs'])}>Jobs</a> <span aria-hidden="true">›</span>{' '}
        <code>{id.slice(0, 8)}</code>
      </p>
      <div class="head">
        <h1 tabIndex={-1}>
          {job?.tool ?? 'Job'}{' '}
          {job && <StateBadge state={job.state} isStalled={job.stalled && !hasEnded(job)} />}
        </h1>
        {job && <JobActions job={job} reload={reload} />}
      </div>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {details && job && <JobView {...{ details, job, life }} />}
      {!details && problem === undefined && <Loading what="the job" />}
    </>
  )
}

interface JobViewProps {
  readonly details: JobDetails
  readonly job: Job
  readonly life: JobLife
}

function JobView({ details, job, life }: JobViewProps) {
  const { errors, error_count: errorCount } = details
  const tree = growTree(details.tree)
  const failedSteps = new Set(errors.flatMap(({ step }) => step ?? []))
  return (
    <>
      <Facts job={job} />
      {errors.length > 0 && (
        <section aria-labelledby="errors">
          <h2 id="errors">{errorCount === 1 ? 'Error' : `Errors (${errorCount})`}</h2>
          <ErrorList errors={errors} count={errorCount} />
        </section>
      )}
      <section aria-labelledby="steps">
        <h2 id="steps">Steps</h2>
        <JobSteps {...{ job, life, failedSteps }} />
      </section>
      {tree && (
        <section aria-labelledby="branches">
          <h2 id="branches">Branches</h2>
          <BranchTree {...{ job, root: tree, counts: details.tree.counts }} />
        </section>
      )}
      <section aria-labelledby="payloads">
        <h2 id="payloads">Payloads</h2>
        <JobPayloads {...{ details, life }} />
      </section>
      <JobLog life={life} />
    </>
  )
}

/** The state in the tab's title, and read out when it changes. */
function useTold(job: Job | undefined, id: string): void {
  const before = useRef<string | undefined>(undefined)
  const state = job?.state
  useEffect(() => {
    document.title = job ? `${job.tool} ${job.state} · Asya` : `Job ${id.slice(0, 8)} · Asya`
    if (job && before.current !== undefined && before.current !== state)
      announce(`${job.tool} ${job.state}`)
    before.current = state
  }, [state])
}

function Facts({ job }: { job: Job }) {
  const isOpen = !hasEnded(job)
  return (
    <dl class="facts">
      <div>
        <dt>Job</dt>
        <dd>
          <code>{job.job_id}</code>
        </dd>
      </div>
      <div>
        <dt>Called</dt>
        <dd>
          <Age iso={job.created_at} />
        </dd>
      </div>
      <div>
        <dt>{isOpen ? 'Open for' : 'Took'}</dt>
        <dd class="numbers">
          <Took job={job} />
        </dd>
      </div>
      {isOpen && (
        <div>
          <dt>Deadline</dt>
          <dd>
            <time dateTime={job.deadline_at}>{showMoment(job.deadline_at)}</time>
          </dd>
        </div>
      )}
      {job.replay_of !== undefined && (
        <div>
          <dt>Replay of</dt>
          <dd>
            <a href={toHref(['jobs', job.replay_of])}>
              <code>{job.replay_of.slice(0, 8)}</code>
            </a>
          </dd>
        </div>
      )}
    </dl>
  )
}

function JobActions({ job, reload }: { job: Job; reload: () => void }) {
  const [isAsking, setAsking] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const path = `/jobs/${encodeURIComponent(job.job_id)}`
  const run = (act: () => Promise<void>): void => {
    setBusy(true)
    setProblem(undefined)
    act()
      .catch((error: unknown) => setProblem(explain(error)))
      .finally(() => setBusy(false))
  }
  const cancel = (): void =>
    run(async () => {
      await send(path, { method: 'DELETE' })
      reload()
    })
  const replay = (): void =>
    run(async () => {
      const { job_id: id } = await ask<{ job_id: string }>(`${path}/replay`, {
        method: 'POST',
        body: '{}',
      })
      announce('Runs again, as a new job')
      goTo(toHref(['jobs', id]))
    })
  return (
    <div class="actions">
      {!hasEnded(job) && (
        <button class="danger" type="button" disabled={isBusy} onClick={() => setAsking(true)}>
          Cancel job
        </button>
      )}
      <button type="button" disabled={isBusy} onClick={replay}>
        ↻ Replay
      </button>
      <a class="button" href={toHref(['call', job.tool], { from: job.job_id })}>
        Call again…
      </a>
      {problem !== undefined && (
        <p class="mistake" role="alert">
          ✗ {problem}
        </p>
      )}
      {isAsking && (
        <ConfirmDialog
          title="Cancel this job?"
          text="Its handlers are told to stop at their next heartbeat. A job that was cancelled cannot go on, but it can be replayed from its beginning."
          yes="Cancel job"
          no="Let it run"
          onAnswer={(isYes) => {
            setAsking(false)
            if (isYes) cancel()
          }}
        />
      )}
    </div>
  )
}
