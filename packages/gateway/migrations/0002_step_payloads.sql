-- Up Migration

-- The beginnings of what came to the steps of jobs and of what left them, where sidecars tell them and the
-- dashboard shows them.
create table step_payloads (
  job_id text not null references jobs on delete cascade,
  step_index integer not null,
  -- Of the message, in the fan-out tree.
  branch text not null,
  side text not null check (side in ('before', 'after')),
  -- How many payloads there are.
  count integer not null,
  -- A JSON list of {text, bytes}: the first of them.
  excerpts text not null,
  primary key (job_id, step_index, branch, side)
);
