import type { Statement } from '../database/database.ts'

/**
 * What is asked of the tables (migrations/). Each statement is one transaction. Rows are locked in the
 * order of their ids or keys: two replicas that want the same ones wait in line, never in a circle.
 */

/**
 * How long the process that accepted a job, or renewed its claim, may be silent before another one
 * sends the job's message.
 */
export const CLAIM_MS = 10_000
const CLAIM = `interval '${CLAIM_MS} milliseconds'`

export const ACCEPT: Statement = {
  name: 'accept',
  text: `
    with given as (
      select * from unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::boolean[],
        $8::text[], $9::text[], $10::bytea[], $11::float8[]
      ) as g (id, tool, principal, route, payload, headers, is_partial, replay_of, key, hash, timeout_ms)
    ), created as (
      insert into jobs (
        id, tool, principal, state, route, payload, headers, is_partial, replay_of,
        idempotency_key, arguments_hash, deadline_at, seq
      )
      select id, tool, principal, 'pending', string_to_array(route, ','), payload, headers, is_partial,
        replay_of, key, hash, now() + timeout_ms * interval '1 millisecond', 1
      from given
      order by principal, tool, key
      on conflict (principal, tool, idempotency_key) where idempotency_key is not null do nothing
      returning id, created_at
    ), told as (
      insert into job_updates (job_id, seq, type, data) select id, 1, 'pending', '{}' from created
    ), unsent as (
      insert into outbox (job_id, claimed_until) select id, now() + ${CLAIM} from created
    )
    select id, created_at from created`,
}

export const FIND_BY_KEY: Statement = {
  name: 'find_by_key',
  text: `
    select id, arguments_hash from jobs
    where principal = $1 and tool = $2 and idempotency_key = $3`,
}

export const JOB_COLUMNS = `
  id, tool, principal, state, route, replay_of, created_at, started_at, ended_at, deadline_at,
  heard_at, is_stalled, seq, percent, progress`

export const FIND: Statement = {
  name: 'find',
  text: `select ${JOB_COLUMNS} from jobs where id = $1`,
}

/** Of a principal (all when null), and older than a job, which is to be the principal's own. */
const VISIBLE = `
  ($1::text is null or principal = $1)
    and ($4::text is null or (created_at, id) < (
      select created_at, id from jobs where id = $4 and ($1::text is null or principal = $1)
    ))`

/** By principal, state, tool, and older than a job. */
export const LIST: Statement = {
  name: 'list',
  text: `
    select ${JOB_COLUMNS} from jobs
    where ${VISIBLE}
      and ($2::text[] is null or state = any ($2))
      and ($3::text is null or tool = $3)
    order by created_at desc, id desc
    limit $5`,
}

/** As LIST, of the newest jobs those that have a text in what is known of them. */
export const SEARCH: Statement = {
  name: 'search',
  text: `
    with newest as (
      select * from jobs
      where ${VISIBLE}
      order by created_at desc, id desc
      limit 20000
    )
    select ${JOB_COLUMNS} from newest
    where ($2::text[] is null or state = any ($2))
      and ($3::text is null or tool = $3)
      and (starts_with(id, lower($6)) or starts_with(replay_of, lower($6))
        or position(lower($6) in lower(tool)) > 0
        or position(lower($6) in lower(progress)) > 0
        or position(convert_to($6, 'UTF8') in errors) > 0)
    order by created_at desc, id desc
    limit $5`,
}

export const READ_END: Statement = {
  name: 'read_end',
  text: `select results, errors from jobs where id = $1`,
}

export const READ_ENDED: Statement = {
  name: 'read_ended',
  text: `
    select ${JOB_COLUMNS}, results, errors from jobs
    where id = any ($1::text[]) and ended_at is not null`,
}

export const READ_INPUT: Statement = {
  name: 'read_input',
  text: `
    select tool, principal, route, payload, headers, is_partial,
      extract(epoch from deadline_at - created_at)::float8 * 1000 as timeout_ms
    from jobs where id = $1`,
}

/** Of one job in one read. */
export const MAX_UPDATES = 1_000

export const READ_UPDATES: Statement = {
  name: 'read_updates',
  text: `
    select u.job_id, u.seq, u.at, u.type, u.data
    from unnest($1::text[], $2::integer[]) as wanted (job_id, seq)
    cross join lateral (
      select * from job_updates
      where job_id = wanted.job_id and seq > wanted.seq
      order by seq limit ${MAX_UPDATES}
    ) u`,
}

/**
 * Reports of a job that has ended are kept, for they say how long its steps took, and change nothing
 * else. The rows are locked in the order of their ids, so that two replicas never wait for each other.
 */
export const RECORD_PROGRESS: Statement = {
  name: 'record_progress',
  text: `
    with given as (
      select job_id, data, percent, place,
        row_number() over (partition by job_id order by place)::integer as nth
      from unnest($1::text[], $2::text[], $3::real[]) with ordinality
        as g (job_id, data, percent, place)
    ), totals as (
      select job_id, count(*)::integer as count, max(percent) as percent,
        (array_agg(data order by nth desc))[1] as newest
      from given group by job_id
    ), locked as materialized (
      select id from jobs where id in (select job_id from totals) order by id for update
    ), changed as (
      update jobs set
        seq = seq + count,
        state = case state when 'pending' then 'running' else state end,
        started_at = coalesce(started_at, now()),
        heard_at = now(),
        is_stalled = false,
        percent = case when ended_at is null then greatest(jobs.percent, totals.percent)
          else jobs.percent end,
        progress = case when ended_at is null then newest else progress end
      from locked join totals on job_id = locked.id
      where jobs.id = locked.id
      returning jobs.id, seq - count as base
    )
    insert into job_updates (job_id, seq, type, data)
    select id, base + nth, 'progress', data from changed join given on job_id = id`,
}

export const RECORD_FINALS: Statement = {
  name: 'record_finals',
  text: `
    select place, record_final(job_id, branch, status, body) as answer
    from (
      select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) with ordinality
        as g (job_id, branch, status, body, place)
      order by job_id
    ) finals`,
}

export const END: Statement = {
  name: 'end',
  text: `select end_job($1, $2, null, $3, $4) as is_ended`,
}

/** Says of each job whether its handlers should stop; no row for a job that there is not. */
export const HEARTBEAT: Statement = {
  name: 'heartbeat',
  text: `
    update jobs set heard_at = now(), is_stalled = false where id = $1
    returning ended_at is not null as has_ended`,
}

/** Takes messages that nobody is sending, for a while. */
export const CLAIM_UNSENT: Statement = {
  name: 'claim_unsent',
  text: `
    with claimed as (
      update outbox set claimed_until = now() + ${CLAIM}
      where job_id in (
        select job_id from outbox where claimed_until <= now()
        order by claimed_until limit $1 for update skip locked
      )
      returning job_id
    )
    select id, route, payload, headers from claimed join jobs on id = job_id
    where ended_at is null`,
}

export const FORGET_SENT: Statement = {
  name: 'forget_sent',
  text: `
    with locked as materialized (
      select job_id from outbox where job_id = any ($1::text[]) order by job_id for update
    )
    delete from outbox using locked where outbox.job_id = locked.job_id`,
}

/** Leaves a message to whoever comes first after a while. */
export const RELEASE_UNSENT: Statement = {
  name: 'release_unsent',
  text: `
    with locked as materialized (
      select job_id from outbox where job_id = any ($1::text[]) order by job_id for update
    )
    update outbox set claimed_until = now() + $2::float8 * interval '1 millisecond'
    from locked where outbox.job_id = locked.job_id`,
}

export const COUNT_UNSENT: Statement = {
  name: 'count_unsent',
  text: `select count(*)::integer as count from outbox`,
}

export const COUNT_OPEN: Statement = {
  name: 'count_open',
  text: `
    select tool, state, is_stalled, count(*)::integer as count from jobs
    where ended_at is null group by tool, state, is_stalled`,
}

export const READ_DURATIONS: Statement = {
  name: 'read_durations',
  text: `
    select tool, state, extract(epoch from ended_at - created_at)::float8 as seconds from jobs
    where id = any ($1::text[]) and ended_at is not null`,
}

export const END_OVERDUE: Statement = {
  name: 'end_overdue',
  text: `
    select id, end_job(
      id, 'failed', null,
      convert_to(json_build_array(json_build_object(
        'type', 'timeout_error',
        'message', 'the job did not end within '
          || round(extract(epoch from deadline_at - created_at)::numeric, 3) || ' s',
        'step', coalesce(progress::json ->> 'step', route[1]),
        'attempts', 1
      ))::text, 'UTF8'),
      '{"reason":"deadline"}'
    ) as is_ended
    from (
      select * from jobs where ended_at is null and deadline_at <= now()
      order by id limit 200 for update skip locked
    ) overdue`,
}

export const MARK_STALLED: Statement = {
  name: 'mark_stalled',
  text: `
    with silent as (
      update jobs set is_stalled = true, seq = seq + 1
      where id in (
        select id from jobs
        where ended_at is null and state = 'running' and not is_stalled
          and heard_at < now() - $1::float8 * interval '1 millisecond'
        order by id limit 200 for update skip locked
      )
      returning id, seq, heard_at
    )
    insert into job_updates (job_id, seq, type, data)
    select id, seq, 'stalled', json_build_object('heard_at', heard_at)::text from silent
    returning job_id as id`,
}

export const DELETE_OLD: Statement = {
  name: 'delete_old',
  text: `
    delete from jobs where id in (
      select id from jobs
      where ended_at is not null and ended_at < now() - $1::float8 * interval '1 millisecond'
      limit 500
    )
    returning id`,
}

/** A standby, and a server that was told to take no writes. */
export const PING: Statement = {
  name: 'ping',
  text: `select current_setting('transaction_read_only')::boolean as is_read_only`,
}
