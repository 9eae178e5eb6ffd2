import { useEffect, useState } from 'preact/hooks'
import { announce } from './announce.ts'
import { JobFilter } from './job-filter.tsx'
import { Age, Took } from './moments.tsx'
import { Empty, Loading, Problem } from './notices.tsx'
import { replacePlace, toHref } from './router.ts'
import { StateBadge } from './state-badge.tsx'
import { useData, useRepeated } from './use-data.ts'
import { useJobs, type JobFilterQuery } from './use-jobs.ts'
import type { Job, Summary, Tool } from './wire.ts'

const SUMMARY_MS = 5_000

/** All jobs, the newest first. */
export function JobsPage({ query }: { query: URLSearchParams }) {
  const filter: JobFilterQuery = {
    state: query.get('state') ?? '',
    tool: query.get('tool') ?? '',
    text: query.get('text') ?? '',
    before: query.get('before') ?? '',
  }
  const [isFollowing, setFollowing] = useState(false)
  const list = useJobs(filter, isFollowing)
  const summary = useData<Summary>('/dashboard/summary')
  const tools = useData<{ tools: readonly Tool[] }>('/tools')
  useRepeated(summary.reload, SUMMARY_MS)
  useEffect(() => {
    document.title = 'Jobs · Asya'
  }, [])
  useEffect(() => {
    if (list.newCount > 0) announce(sayNew(list.newCount))
  }, [list.newCount > 0])
  const change = (next: Partial<JobFilterQuery>): void =>
    replacePlace(toJobsHref({ ...filter, before: '', ...next }))
  return (
    <>
      <div class="head">
        <h1 tabIndex={-1}>Jobs</h1>
        <label class="follow">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.currentTarget.checked)}
          />{' '}
          Show new jobs as they come
        </label>
      </div>
      <JobFilter {...{ filter, change, summary: summary.value, tools: tools.value?.tools }} />
      <div class="news">
        {list.newCount > 0 ? (
          <button type="button" onClick={list.reload}>
            ↑ {sayNew(list.newCount)}: show
          </button>
        ) : (
          <span class="soft">{filter.before === '' ? 'The newest jobs' : 'Older jobs'}</span>
        )}
      </div>
      {list.problem !== undefined && <Problem text={list.problem} onRetry={list.reload} />}
      {list.page ? (
        <>
          <JobTable jobs={list.page.jobs} filter={filter} />
          <Pager filter={filter} next={list.page.next} />
        </>
      ) : (
        list.problem === undefined && <Loading what="the jobs" />
      )}
    </>
  )
}

function sayNew(count: number): string {
  return count === 1 ? '1 new job' : `${count} new jobs`
}

export function toJobsHref(filter: Partial<JobFilterQuery>): string {
  const given = Object.entries(filter).filter(([, value]) => value !== '')
  return toHref(['jobs'], Object.fromEntries(given))
}

function JobTable({ jobs, filter }: { jobs: readonly Job[]; filter: JobFilterQuery }) {
  if (jobs.length === 0) return <NoJobs filter={filter} />
  return (
    <table class="jobs">
      <caption class="unseen">Jobs, the newest first</caption>
      <thead>
        <tr>
          <th scope="col" class="state">
            State
          </th>
          <th scope="col" class="tool">
            Pipeline
          </th>
          <th scope="col" class="progress">
            Progress
          </th>
          <th scope="col" class="age">
            Called
          </th>
          <th scope="col" class="took">
            Took
          </th>
          <th scope="col" class="id">
            Job
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobRow key={job.job_id} job={job} />
        ))}
      </tbody>
    </table>
  )
}

function JobRow({ job }: { job: Job }) {
  const { job_id: id, tool, state, stalled, percent, progress, route } = job
  const isOpen = job.ended_at === undefined
  return (
    <tr>
      <td class="state">
        <StateBadge state={state} isStalled={stalled} />
      </td>
      <td class="tool">{tool}</td>
      <td class="progress">
        {isOpen && (
          <span class="bar" aria-hidden="true">
            <span style={{ '--share': `${percent}%` }} />
          </span>
        )}
        <span class="said">
          {state === 'pending' && `waits for ${route[0] ?? 'its first step'}`}
          {state === 'running' && `${percent} % · ${progress?.step ?? route[0] ?? ''}`}
          {state === 'failed' && progress && `after ${progress.step}`}
          {state === 'cancelled' && progress && `at ${progress.step}`}
        </span>
      </td>
      <td class="age">
        <Age iso={job.created_at} />
      </td>
      <td class="took">
        <Took job={job} />
      </td>
      <td class="id">
        <a href={toHref(['jobs', id])}>
          <span class="unseen">
            {tool}, {state}, job{' '}
          </span>
          <code>{id.slice(0, 8)}</code>
        </a>
        {job.replay_of !== undefined && (
          <span class="soft" title={`Replay of ${job.replay_of}`}>
            {' '}
            ↻<span class="unseen"> replay</span>
          </span>
        )}
      </td>
    </tr>
  )
}

function NoJobs({ filter }: { filter: JobFilterQuery }) {
  const { state, tool, text, before } = filter
  if (state === '' && tool === '' && text === '' && before === '') {
    return (
      <Empty title="No jobs yet">
        <p>
          A job is one run of a pipeline. <a href={toHref(['pipelines'])}>Call a pipeline</a>, and
          it shows up here.
        </p>
      </Empty>
    )
  }
  return (
    <Empty title="No job matches">
      <p>
        <a href={toHref(['jobs'])}>Show all jobs</a>
      </p>
    </Empty>
  )
}

function Pager({ filter, next }: { filter: JobFilterQuery; next: string | undefined }) {
  if (filter.before === '' && next === undefined) return null
  return (
    <nav class="pager" aria-label="Pages">
      {filter.before !== '' && <a href={toJobsHref({ ...filter, before: '' })}>« Newest</a>}
      {next !== undefined && <a href={toJobsHref({ ...filter, before: next })}>Older ›</a>}
    </nav>
  )
}
