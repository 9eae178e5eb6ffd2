-- Up Migration

-- One tracked execution of a pipeline. JSON texts are bytes: they are handed on as they came.
create table jobs (
  id text primary key,
  tool text not null,
  -- Whom it belongs to; empty where nobody has to say who they are.
  principal text not null,
  state text not null check (state in ('pending', 'running', 'succeeded', 'failed', 'cancelled')),
  route text[] not null,
  payload bytea not null,
  headers bytea,
  -- Whether branches may fail without failing the job.
  is_partial boolean not null,
  replay_of text,
  idempotency_key text,
  -- Of the tool's arguments: the same key with others is a mistake.
  arguments_hash bytea,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  deadline_at timestamptz not null,
  -- When a sidecar was last heard of.
  heard_at timestamptz,
  is_stalled boolean not null default false,
  -- The number of the last update.
  seq integer not null,
  -- How far it is, as it was last told: the newest progress update's data.
  percent real not null default 0,
  progress text,
  -- A JSON list with the result of each branch, in order.
  results bytea,
  -- A JSON list with the error of each branch that failed, in order.
  errors bytea,
  constraint ended check ((ended_at is not null) = (state in ('succeeded', 'failed', 'cancelled')))
)
-- A job is changed with each of its steps: room for that beside it keeps the indexes as they are.
with (fillfactor = 50);

create unique index jobs_idempotency on jobs (principal, tool, idempotency_key)
  where idempotency_key is not null;
create index jobs_newest on jobs (principal, created_at desc, id desc);
create index jobs_open on jobs (deadline_at) where ended_at is null;
create index jobs_ended on jobs (ended_at) where ended_at is not null;

-- What happened to a job, in the order in which it was committed.
create table job_updates (
  job_id text not null references jobs on delete cascade,
  seq integer not null,
  at timestamptz not null default now(),
  type text not null,
  -- A JSON object.
  data text not null,
  primary key (job_id, seq)
);

-- First messages that are not known to be with the broker.
create table outbox (
  job_id text primary key references jobs on delete cascade,
  -- Nobody else sends it before.
  claimed_until timestamptz not null
);

create index outbox_claim on outbox (claimed_until);

-- How the branches of jobs with fan-outs ended. A branch that fanned out ended when one generation of
-- its children was whole, and names that generation.
create table job_branches (
  job_id text not null references jobs on delete cascade,
  branch text not null,
  status text not null check (status in ('succeeded', 'failed', 'fanned-out')),
  body bytea,
  generation text,
  count integer,
  primary key (job_id, branch)
);

-- How many children of a fan-out ended, for each answer that made children.
create table job_generations (
  job_id text not null references jobs on delete cascade,
  branch text not null,
  generation text not null,
  count integer not null,
  done integer not null,
  primary key (job_id, branch, generation, count)
);

-- Ends a job that has not ended; says whether it did.
create function end_job(
  p_job_id text, p_state text, p_results bytea, p_errors bytea, p_data text
) returns boolean language plpgsql as $$
declare
  v_seq integer;
begin
  update jobs
    set state = p_state, results = p_results, errors = p_errors, ended_at = clock_timestamp(),
      started_at = coalesce(started_at, clock_timestamp()), is_stalled = false,
      percent = case when p_state = 'succeeded' then 100 else percent end, seq = seq + 1
    where id = p_job_id and ended_at is null
    returning seq into v_seq;
  if not found then
    return false;
  end if;
  insert into job_updates (job_id, seq, at, type, data)
    values (p_job_id, v_seq, clock_timestamp(), p_state, p_data);
  delete from outbox where job_id = p_job_id;
  return true;
end $$;

-- Ends a job by the branches that supply its results: those of the first whole generations.
create function end_job_by_branches(p_job_id text, p_is_partial boolean) returns boolean
language plpgsql as $$
declare
  v_results bytea;
  v_errors bytea;
  v_failed integer;
  v_count integer;
begin
  with recursive tree as (
    select branch, status, body, generation, count, array[]::integer[] as place
      from job_branches where job_id = p_job_id and branch = ''
    union all
    select child.branch, child.status, child.body, child.generation, child.count,
        tree.place || index
      from tree
      cross join generate_series(0, tree.count - 1) as index
      join job_branches child
        on child.job_id = p_job_id
        and child.branch = (case tree.branch when '' then '' else tree.branch || '/' end)
          || index || '.' || tree.count || '.' || tree.generation
      where tree.status = 'fanned-out'
  ), leaves as (
    select * from tree where status <> 'fanned-out'
  )
  select
      string_agg(case status when 'succeeded' then body else 'null'::bytea end, ','::bytea
        order by place),
      string_agg(body, ','::bytea order by place) filter (where status = 'failed'),
      count(*) filter (where status = 'failed'),
      count(*)
    into v_results, v_errors, v_failed, v_count
    from leaves;
  if v_failed = 0 or (p_is_partial and v_failed < v_count) then
    return end_job(p_job_id, 'succeeded', '['::bytea || v_results || ']'::bytea,
      '['::bytea || coalesce(v_errors, '') || ']'::bytea,
      json_build_object('branches', v_count, 'failed', v_failed)::text);
  end if;
  return end_job(p_job_id, 'failed', null, '['::bytea || v_errors || ']'::bytea,
    json_build_object('branches', v_count, 'failed', v_failed)::text);
end $$;

-- Takes the end of a branch, whose key names the fan-outs on its path: `index.count.generation`, with
-- slashes between; the root's is empty. Says `unknown`, `ended`, `repeated`, `recorded` or `completed`.
create function record_final(
  p_job_id text, p_branch text, p_status text, p_body bytea
) returns text language plpgsql as $$
declare
  v_ended_at timestamptz;
  v_is_partial boolean;
  v_branch text := p_branch;
  v_entry text;
  v_count integer;
  v_done integer;
begin
  select ended_at, is_partial into v_ended_at, v_is_partial from jobs where id = p_job_id for update;
  if not found then
    return 'unknown';
  end if;
  if v_ended_at is not null then
    return 'ended';
  end if;
  insert into job_branches (job_id, branch, status, body)
    values (p_job_id, p_branch, p_status, p_body)
    on conflict do nothing;
  if not found then
    return 'repeated';
  end if;
  while v_branch <> '' loop
    v_entry := substring(v_branch from '[^/]+$');
    v_branch := regexp_replace(v_branch, '/?[^/]+$', '');
    v_count := split_part(v_entry, '.', 2)::integer;
    insert into job_generations (job_id, branch, generation, count, done)
      values (p_job_id, v_branch, split_part(v_entry, '.', 3), v_count, 1)
      on conflict (job_id, branch, generation, count)
        do update set done = job_generations.done + 1
      returning done into v_done;
    if v_done < v_count then
      update jobs set heard_at = clock_timestamp(), is_stalled = false where id = p_job_id;
      return 'recorded';
    end if;
    insert into job_branches (job_id, branch, status, generation, count)
      values (p_job_id, v_branch, 'fanned-out', split_part(v_entry, '.', 3), v_count)
      on conflict do nothing;
    if not found then
      return 'recorded';
    end if;
  end loop;
  if p_branch <> '' then
    perform end_job_by_branches(p_job_id, v_is_partial);
  -- Nothing fanned out, as with most jobs: there is no tree to go through.
  elsif p_status = 'succeeded' then
    perform end_job(p_job_id, 'succeeded', '['::bytea || p_body || ']'::bytea, '[]',
      json_build_object('branches', 1, 'failed', 0)::text);
  else
    perform end_job(p_job_id, 'failed', null, '['::bytea || p_body || ']'::bytea,
      json_build_object('branches', 1, 'failed', 1)::text);
  end if;
  return 'completed';
end $$;

-- Down Migration

drop function record_final, end_job_by_branches, end_job;
drop table job_generations, job_branches, outbox, job_updates, jobs;
