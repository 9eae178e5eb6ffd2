import { isUtf8 } from 'node:buffer'
import { decodeBranch, isBranchKey, ROOT, toWireBranch, type Branch } from './branch.ts'
import type { Excerpt } from './excerpt.ts'
import {
  jsonKind,
  MAX_INDEX,
  parseJson,
  parseText,
  toJsonBytes,
  type JsonBytes,
} from './json-bytes.ts'
import { scanObject } from './json-scan.ts'
import { isId } from './names.ts'

/** What sidecars tell the gateway (design, section 4: gateway, from inside). */

/** Best effort: lost reports change nothing but the view. */
export interface ProgressReport {
  readonly jobId: string
  readonly step: string
  readonly stepIndex: number
  readonly totalSteps: number
  readonly status: 'received' | 'processing' | 'completed'
  readonly actorName: string
  readonly percent?: number
  readonly message?: string
  /** Of the handler, for `completed`. */
  readonly durationMs?: number
  /** Only where the sidecar was told to show them. */
  readonly payloads?: ReportedPayloads
}

/** What a message brought to its step (`received`), or what the step made of it (`completed`). */
export interface ReportedPayloads {
  /** The message's place in the fan-out tree (`branchKey`). */
  readonly branch: string
  /** The first of them, in order. */
  readonly excerpts: readonly Excerpt[]
  /** How many there are in all. */
  readonly count: number
}

/** The end of a branch; told before the message is acknowledged. */
export type FinalReport = {
  readonly jobId: string
  readonly branch: Branch
} & (
  | { readonly status: 'succeeded'; readonly result: JsonBytes }
  | { readonly status: 'failed'; readonly error: JsonBytes }
)

export function encodeProgressBatch(reports: readonly ProgressReport[]): Buffer {
  const updates = reports.map((report) => ({
    job_id: report.jobId,
    step: report.step,
    step_index: report.stepIndex,
    total_steps: report.totalSteps,
    status: report.status,
    actor_name: report.actorName,
    percent: report.percent,
    message: report.message,
    duration_ms: report.durationMs,
    payloads: report.payloads,
  }))
  return Buffer.from(JSON.stringify({ updates }))
}

/** The body of `POST /jobs/{id}/final`; the result byte for byte. */
export function encodeFinal(final: FinalReport): Buffer {
  const branch = JSON.stringify(toWireBranch(final.branch))
  const [name, value] =
    final.status === 'succeeded' ? ['result', final.result] : ['error', final.error]
  const head = `{"status":"${final.status}","branch":${branch},"${name}":`
  return Buffer.concat([Buffer.from(head), value, Buffer.from('}')])
}

/** Reads the body of `POST /jobs/{id}/final`; undefined when it is malformed. */
export function decodeFinal(jobId: string, body: Uint8Array): FinalReport | undefined {
  const scanned = isUtf8(body) ? scanObject(body) : undefined
  if (!scanned?.ok) return undefined
  const members = new Map(scanned.value.map((member) => [member.name, member.value]))
  if (members.size < scanned.value.length) return undefined
  const branchBytes = members.get('branch')
  const branch = branchBytes ? decodeBranch(branchBytes) : ROOT
  const statusBytes = members.get('status')
  const status = statusBytes && parseText(statusBytes)
  if (!branch) return undefined
  const result = members.get('result')
  if (status === 'succeeded' && result) return { status, jobId, branch, result }
  const error = members.get('error')
  if (status !== 'failed' || !error || jsonKind(error) !== 'object') return undefined
  return parseJson(error) === undefined ? undefined : { status, jobId, branch, error }
}

/** Reads the body of `POST /progress`; malformed updates are left out, for nothing hangs on them. */
export function decodeProgressBatch(body: Uint8Array): readonly ProgressReport[] {
  const parsed = parseJson(toJsonBytes(body))
  if (!isRecord(parsed) || !Array.isArray(parsed['updates'])) return []
  const updates: readonly unknown[] = parsed['updates']
  return updates.map(toReport).filter((report) => report !== undefined)
}

/** Reads the body of `POST /jobs/{id}/progress`: one update; undefined when it is malformed. */
export function decodeProgress(jobId: string, body: Uint8Array): ProgressReport | undefined {
  const parsed = parseJson(toJsonBytes(body))
  return isRecord(parsed) ? toReport({ ...parsed, job_id: jobId }) : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toReport(update: unknown): ProgressReport | undefined {
  if (!isRecord(update)) return undefined
  const { job_id: jobId, step, status, message, actor_name: actorName } = update
  if (!isId(jobId) || typeof step !== 'string') return undefined
  if (status !== 'received' && status !== 'processing' && status !== 'completed') return undefined
  const percent = toNumber(update['percent'], 100)
  const durationMs = toNumber(update['duration_ms'], MAX_INDEX)
  const payloads = toPayloads(update['payloads'])
  return {
    jobId,
    step,
    stepIndex: Math.trunc(toNumber(update['step_index'], MAX_INDEX) ?? 0),
    totalSteps: Math.trunc(toNumber(update['total_steps'], MAX_INDEX) ?? 0),
    status,
    actorName: typeof actorName === 'string' ? actorName : step,
    ...(percent === undefined ? {} : { percent }),
    ...(typeof message === 'string' ? { message } : {}),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(payloads && { payloads }),
  }
}

/** A number between 0 and `max`, so that one wild value does not spoil the whole batch. */
function toNumber(value: unknown, max: number): number | undefined {
  return typeof value === 'number' ? Math.min(Math.max(value, 0), max) : undefined
}

/** Payloads are for the view alone: malformed ones are none. */
function toPayloads(value: unknown): ReportedPayloads | undefined {
  if (!isRecord(value) || !Array.isArray(value['excerpts'])) return undefined
  const { branch } = value
  const count = toNumber(value['count'], MAX_INDEX)
  const given: readonly unknown[] = value['excerpts']
  const excerpts = given.map(toExcerpt).filter((excerpt) => excerpt !== undefined)
  if (!isBranchKey(branch) || count === undefined) return undefined
  return { branch, excerpts, count: Math.trunc(count) }
}

function toExcerpt(value: unknown): Excerpt | undefined {
  if (!isRecord(value) || typeof value['text'] !== 'string') return undefined
  const bytes = toNumber(value['bytes'], Number.MAX_SAFE_INTEGER)
  return bytes === undefined ? undefined : { text: value['text'], bytes: Math.trunc(bytes) }
}
