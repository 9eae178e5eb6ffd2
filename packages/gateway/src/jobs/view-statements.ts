import type { Statement } from '../database/database.ts'
import { JOB_COLUMNS } from './statements.ts'

/** What people who look at jobs ask of the tables; nothing here changes them. */

export const READ_MANY: Statement = {
  name: 'read_many',
  text: `select ${JOB_COLUMNS} from jobs where id = any ($1::text[])`,
}

/** Of a principal's jobs of the last day: how many of each tool are in each state, how long they took. */
export const SUMMARISE: Statement = {
  name: 'summarise',
  text: `
    select tool, state, count(*)::integer as count,
      count(*) filter (where is_stalled)::integer as stalled,
      percentile_cont(0.5) within group (
        order by extract(epoch from ended_at - created_at)::float8 * 1000
      ) as median_ms
    from jobs
    where principal = $1 and created_at > now() - interval '1 day'
    group by tool, state
    order by tool, state`,
}

/** What the running jobs told last, to see at which steps they are. */
export const READ_RUNNING: Statement = {
  name: 'read_running',
  text: `
    select tool, progress from jobs
    where ended_at is null and state = 'running' and principal = $1 and progress is not null
    limit 2000`,
}

/** Those that fanned out come first, for the others are below them, and then those that failed. */
export const READ_BRANCHES: Statement = {
  name: 'read_branches',
  text: `
    select branch, status, generation, count, octet_length(body) as size
    from job_branches where job_id = $1
    order by array_position(array['fanned-out', 'failed', 'succeeded'], status), branch
    limit $2`,
}

export const COUNT_BRANCHES: Statement = {
  name: 'count_branches',
  text: `
    select status, count(*)::integer as count from job_branches where job_id = $1 group by status`,
}

export const READ_GENERATIONS: Statement = {
  name: 'read_generations',
  text: `
    select branch, generation, count, done from job_generations where job_id = $1
    order by branch, generation limit $2`,
}

export const READ_BRANCH: Statement = {
  name: 'read_branch',
  text: `select status, body from job_branches where job_id = $1 and branch = $2`,
}

/** What was told of a job after its end, which its streams do not tell any more. */
export const READ_LATE: Statement = {
  name: 'read_late',
  text: `
    select job_id as "jobId", seq, at, type, data from job_updates
    where job_id = $1 and seq > (
      select seq from job_updates
      where job_id = $1 and type in ('succeeded', 'failed', 'cancelled')
    )
    order by seq limit $2`,
}
