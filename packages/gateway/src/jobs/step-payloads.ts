import type { Excerpt, ProgressReport, ReportedPayloads } from '@asya/protocol'
import type { Database, Statement } from '../database/database.ts'
import { isJobId } from './job.ts'

/** What a message brought to a step, and what the step made of it. */
export interface StepMessage {
  /** In the fan-out tree: `index.count.generation` of each fan-out, with slashes between. */
  readonly branch: string
  readonly before: Payloads | undefined
  /** Undefined while it is at work, and where it failed. */
  readonly after: Payloads | undefined
}

type Payloads = Omit<ReportedPayloads, 'branch'>

/** Of one step of a job, before and after it: more than one looks at. */
const MAX_KEPT = 200

/** The beginnings of payloads that sidecars told: for the dashboard, and nothing hangs on them. */
export class StepPayloads {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Keeps what the reports tell of payloads; of a message that came again, what it told last. */
  async record(reports: readonly ProgressReport[]): Promise<void> {
    const told = reports.flatMap((report) => {
      const side = SIDES[report.status]
      const { payloads } = report
      return payloads && side && isJobId(report.jobId) ? [{ ...report, payloads, side }] : []
    })
    if (told.length === 0) return
    await this.#database.query(RECORD, [
      told.map(({ jobId }) => jobId),
      told.map(({ stepIndex }) => stepIndex),
      told.map(({ payloads }) => payloads.branch),
      told.map(({ side }) => side),
      told.map(({ payloads }) => payloads.count),
      told.map(({ payloads }) => JSON.stringify(payloads.excerpts)),
    ])
  }

  /** The messages of one step of a job, as far as they are kept. */
  async read(jobId: string, stepIndex: number): Promise<readonly StepMessage[]> {
    const rows = await this.#database.query<Row>(READ, [jobId, stepIndex])
    const branches = new Map<string, Partial<Record<Row['side'], Payloads>>>()
    for (const { branch, side, count, excerpts } of rows) {
      const payloads = { count, excerpts: JSON.parse(excerpts) as readonly Excerpt[] }
      branches.set(branch, { ...branches.get(branch), [side]: payloads })
    }
    return [...branches].map(([branch, { before, after }]) => ({ branch, before, after }))
  }
}

const SIDES = { received: 'before', processing: undefined, completed: 'after' } as const

interface Row {
  readonly branch: string
  readonly side: 'before' | 'after'
  readonly count: number
  readonly excerpts: string
}

/** The jobs are locked, for one that is deleted meanwhile could not be referred to. */
const RECORD: Statement = {
  name: 'record_step_payloads',
  text: `
    with given as (
      select distinct on (job_id, step_index, branch, side) *
      from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::integer[], $6::text[])
        with ordinality as g (job_id, step_index, branch, side, count, excerpts, place)
      order by job_id, step_index, branch, side, place desc
    ), known as materialized (
      select id from jobs where id in (select job_id from given) order by id for key share
    )
    insert into step_payloads (job_id, step_index, branch, side, count, excerpts)
    select job_id, step_index, branch, side, count, excerpts
    from given join known on known.id = job_id
    where ${MAX_KEPT} > (
      select count(*) from step_payloads kept
      where kept.job_id = given.job_id and kept.step_index = given.step_index
    )
    on conflict (job_id, step_index, branch, side)
      do update set count = excluded.count, excerpts = excluded.excerpts`,
}

const READ: Statement = {
  name: 'read_step_payloads',
  text: `
    select branch, side, count, excerpts from step_payloads
    where job_id = $1 and step_index = $2
    order by branch, side desc limit ${MAX_KEPT}`,
}
