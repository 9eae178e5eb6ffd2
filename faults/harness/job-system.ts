import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '../../packages/gateway/src/postgres/start-postgres.ts'
import {
  createTestDatabase,
  type TestDatabase,
} from '../../packages/gateway/src/testing/test-database.ts'
import { GatewayProcess, TOOL } from '../processes/gateway-process.ts'
import type { CrashPlan, GatewayCrashStep } from '../programs/crash-points.ts'
import { PostgresFaults } from './postgres-faults.ts'
import { followJob, isEndType, type JobEvent } from './job-stream.ts'
import type { Trial } from './trial.ts'

export interface JobSystemOptions {
  readonly trial: Trial
  readonly route: readonly string[]
  readonly replicas?: number
  /** How a replica ends, told how often it was started before; undefined = as built. */
  readonly crashes?: (
    replica: number,
    incarnation: number,
  ) => CrashPlan<GatewayCrashStep> | undefined
  readonly environment?: Readonly<Record<string, string>>
}

export interface JobLoad {
  readonly jobs: number
  /** How many may be under way. */
  readonly window?: number
  /** How long the handler takes. */
  readonly ms?: number
}

interface FollowedJob {
  readonly key: string
  readonly events: JobEvent[]
}

/** Gateways with a PostgreSQL of the trial's own, and a client that calls, follows and counts. */
export class JobSystem {
  readonly postgres: PostgresFaults
  readonly database: TestDatabase
  readonly gateways: readonly GatewayProcess[]
  readonly #trial: Trial
  readonly #jobs = new Map<string, FollowedJob>()
  readonly #following: Promise<void>[] = []
  readonly #ended = new AbortController()
  readonly #runsPath: string
  #calls = 0
  #unanswered = 0
  #refused = 0

  static async open(options: JobSystemOptions): Promise<JobSystem> {
    const { trial, route, replicas = 1, environment } = options
    const { folder, broker } = trial.options
    const postgres = await startPostgres({ isDurable: false })
    trial.closeAtEnd(() => postgres.close())
    const database = await createTestDatabase(postgres.url)
    const gateways = await Promise.all(
      Array.from({ length: replicas }, (_, index) =>
        GatewayProcess.start({
          name: `${trial.names.exchange}.${index}`,
          databaseUrl: database.url,
          rabbitmqUrl: broker.url,
          exchange: trial.names.exchange,
          crashes: (incarnation) => options.crashes?.(index, incarnation),
          ...{ route, folder, environment },
        }),
      ),
    )
    for (const { process } of gateways) trial.closeAtEnd(() => process.stop())
    const parts = { postgres: new PostgresFaults(postgres, database), database, gateways, trial }
    const system = new JobSystem(parts)
    trial.closeAtEnd(() => system.#ended.abort())
    await system.untilReady()
    return system
  }

  private constructor(parts: {
    readonly postgres: PostgresFaults
    readonly database: TestDatabase
    readonly gateways: readonly GatewayProcess[]
    readonly trial: Trial
  }) {
    this.postgres = parts.postgres
    this.database = parts.database
    this.gateways = parts.gateways
    this.#trial = parts.trial
    this.#runsPath = join(parts.trial.options.folder, `${parts.trial.names.exchange}.runs`)
  }

  /** The address of a replica; of any number. */
  urlOf(index: number): string {
    return this.gateways[index % this.gateways.length]?.url ?? ''
  }

  async untilReady(): Promise<void> {
    await this.#trial.until('all gateways are ready', async () => {
      const answers = await Promise.all(this.gateways.map((gateway) => gateway.isReady()))
      return answers.every(Boolean)
    })
  }

  /** Runs jobs, and follows each to its end. Resolves when all are accepted. */
  async load({ jobs, window = 32, ms = 0 }: JobLoad): Promise<void> {
    const { ledger } = this.#trial
    const call = async (): Promise<void> => {
      while (this.#calls < last) {
        while (ledger.open >= window) {
          if (this.#ended.signal.aborted) return
          await sleep(5)
        }
        const jobId = await this.call(ms)
        if (jobId === undefined) return
        this.follow(jobId)
      }
    }
    const last = this.#calls + jobs
    await Promise.all(Array.from({ length: Math.min(CALLERS, jobs) }, call))
  }

  /** Calls the tool until it is answered; the job's id, unless the trial is over. */
  async call(ms = 0): Promise<string | undefined> {
    const number = (this.#calls += 1)
    const { ledger, options, names } = this.#trial
    const key = `${names.exchange}-job-${number}`
    ledger.send(key, { place: 'either' })
    const { canary } = options
    const said = { do: 'once', ms, canary, file: this.#runsPath, text: key }
    const call = { name: TOOL, arguments: said }
    for (let attempt = 0; !this.#ended.signal.aborted; attempt++) {
      const answer = await this.#ask(`${this.urlOf(number + attempt)}/tools/call`, call, key)
      if (answer?.status === 202) {
        const { job_id: jobId } = JSON.parse(answer.text) as { job_id: string }
        this.#jobs.set(jobId, { key, events: [] })
        ledger.confirm(key)
        return jobId
      }
      if (answer === undefined) this.#unanswered += 1
      else if (answer.status === 503) this.#refused += 1
      else ledger.remark(`a call was answered ${answer.status}: ${answer.text.slice(0, 200)}`)
      await sleep(CALL_AGAIN_MS)
    }
    return undefined
  }

  /** Follows a job to its end, on whatever replica; `urls` says in which order. */
  follow(jobId: string, how: { readonly start?: number; readonly dropAfter?: number } = {}): void {
    const { ledger, random } = this.#trial
    const { start = random.between(0, 1), dropAfter } = how
    const job = this.#jobs.get(jobId)
    if (!job) throw new Error(`nobody called for ${jobId}`)
    const following = followJob({
      jobId,
      urlOf: (connection) => this.urlOf(start + connection),
      onEvent: (event) => job.events.push(event),
      signal: this.#ended.signal,
      ...(dropAfter === undefined ? {} : { dropAfter }),
    }).then((hasEnded) => {
      if (hasEnded) ledger.noteServed(job.key, 1)
    })
    this.#following.push(following)
  }

  /** Posts as a sidecar does, until it is answered; the status. */
  async report(path: string, body: object): Promise<number> {
    for (let attempt = 0; !this.#ended.signal.aborted; attempt++) {
      const url = `${this.urlOf(this.#trial.random.between(0, 1) + attempt)}${path}`
      const answer = await this.#ask(url, body)
      if (answer && answer.status < 500) return answer.status
      await sleep(CALL_AGAIN_MS)
    }
    return 0
  }

  async post(url: string, body: object): Promise<number | undefined> {
    return (await this.#ask(url, body))?.status
  }

  /** From now until a job that is called for from now on has ended. */
  async measureRecovery(): Promise<void> {
    const startedAt = performance.now()
    const jobId = await this.call()
    if (jobId === undefined) return
    this.follow(jobId)
    await this.#trial.ledger.whenEnded(this.#jobs.get(jobId)?.key ?? '')
    this.#trial.recoveriesMs.push(performance.now() - startedAt)
  }

  /** Lifts what is left of the fault, waits for all ends, runs fresh jobs, and counts. */
  async finish(): Promise<void> {
    const trial = this.#trial
    await trial.lift()
    await this.untilReady()
    const isDone = (): boolean => trial.ledger.open === 0
    await trial.until('all jobs have ended', isDone, DRAIN_MS).catch(() => undefined)
    if (isDone()) {
      await this.load({ jobs: FRESH })
      await trial.until('the fresh jobs have ended', isDone, DRAIN_MS).catch((error: unknown) => {
        trial.ledger.remark(`dead: ${String(error)}`)
      })
    }
    await this.audit()
    this.#noteCopies()
  }

  /** Jobs that were accepted before `moment`, and whose end was told after it. */
  async countEndedAfter(moment: Date): Promise<number> {
    const [row] = await this.database.query(
      'select count(*)::integer as count from jobs where created_at < $1 and ended_at > $1',
      [moment],
    )
    return Number(row?.['count'])
  }

  /** Handlers that ran more than once for a job: its first message was sent again. */
  #noteCopies(): void {
    if (!existsSync(this.#runsPath)) return
    const lines = readFileSync(this.#runsPath, 'utf8').trimEnd().split('\n')
    const runs = Map.groupBy(lines, (line) => line.split(' ')[0] ?? '')
    for (const [key, { length }] of runs)
      for (let copy = 1; copy < length; copy++) this.#trial.ledger.noteCopy(key)
  }

  /** Compares what was seen with what the tables hold. */
  async audit(): Promise<void> {
    const { ledger } = this.#trial
    const rows = (await this.database.query(
      'select job_id, seq, type from job_updates order by job_id, seq',
    )) as unknown as readonly (JobEvent & { readonly job_id: string })[]
    const told = Map.groupBy(rows, (row) => row.job_id)
    let events = 0
    let missing = 0
    let doubled = 0
    for (const [jobId, { events: seen }] of this.#jobs) {
      const kept = told.get(jobId) ?? []
      const endAt = kept.findIndex(({ type }) => isEndType(type))
      const ends = kept.filter(({ type }) => isEndType(type)).map(({ type }) => type)
      if (ends.join() !== 'succeeded')
        ledger.remark(`${jobId} ended as ${ends.join() || 'nothing'}`)
      const wanted = kept.slice(0, endAt + 1)
      const hasGaps = kept.some(({ seq }, index) => seq !== index + 1)
      if (hasGaps) ledger.remark(`${jobId}: its updates have gaps`)
      const isOrdered = seen.every(({ seq }, index) => seq > (seen[index - 1]?.seq ?? 0))
      if (!isOrdered) ledger.remark(`${jobId}: its events came out of order`)
      const numbers = new Set(seen.map(({ seq }) => seq))
      events += seen.length
      missing += wanted.filter(({ seq }) => !numbers.has(seq)).length
      doubled += seen.length - numbers.size
    }
    for (const jobId of told.keys())
      if (!this.#jobs.has(jobId)) ledger.remark(`${jobId} is a job that nobody called for`)
    this.#trial.noteCount({ what: 'events', count: events })
    this.#trial.noteCount({ what: 'events missing', count: missing, limit: 0 })
    this.#trial.noteCount({ what: 'events doubled', count: doubled, limit: 0 })
    this.#trial.noteCount({ what: 'calls refused', count: this.#refused })
    this.#trial.noteCount({ what: 'calls unanswered', count: this.#unanswered })
  }

  async #ask(url: string, body: object, key?: string) {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
        signal: AbortSignal.timeout(ANSWER_MS),
      })
      return { status: answer.status, text: await answer.text() }
    } catch {
      return undefined
    }
  }
}

const CALLERS = 16
const CALL_AGAIN_MS = 100
const ANSWER_MS = 20_000
const DRAIN_MS = 60_000
const FRESH = 20
