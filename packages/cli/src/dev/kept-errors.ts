import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeMessage, type Message } from '@asya/protocol'
import { readError, type JobError } from './job-board.ts'
import { workFolder } from './state-file.ts'

/** A message that failed, as error-end kept it. */
export interface KeptError {
  readonly id: string
  readonly jobId: string | undefined
  readonly keptAtMs: number
  readonly error: JobError
  readonly message: Message
  readonly path: string
}

export type FoundError =
  | { readonly type: 'found'; readonly kept: KeptError }
  | { readonly type: 'ambiguous'; readonly matches: readonly KeptError[] }
  | { readonly type: 'unknown'; readonly all: readonly KeptError[] }

/** Where the end actors of a project's dev runs keep their messages. */
export function keptFolder(projectDir: string): string {
  return join(workFolder(projectDir), 'kept')
}

/** The errors that are kept for a project, newest first. They outlive the run that kept them. */
export async function listErrors(projectDir: string): Promise<KeptError[]> {
  const folder = join(keptFolder(projectDir), 'error-end')
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name))
  const kept = await Promise.all(files.map(readKept))
  return kept.filter((one) => one !== undefined).sort((a, b) => b.keptAtMs - a.keptAtMs)
}

/** An error by the id of its message or of its job, or by how one of them begins. */
export async function findError(projectDir: string, wanted: string): Promise<FoundError> {
  const all = await listErrors(projectDir)
  const exact = all.find((kept) => kept.id === wanted)
  if (exact) return { type: 'found', kept: exact }
  const ofJob = all.filter((kept) => kept.jobId === wanted)
  const matches = ofJob.length > 0 ? ofJob : all.filter((kept) => beginsWith(kept, wanted))
  const [only] = matches
  if (!only || wanted === '') return { type: 'unknown', all }
  return matches.length === 1 ? { type: 'found', kept: only } : { type: 'ambiguous', matches }
}

/** Forgets an error, whose message has had another chance. */
export async function forgetError(kept: KeptError): Promise<void> {
  await rm(kept.path, { force: true })
}

/** An id may begin with a dash, which a shell command would take for an option. */
export function showId(id: string): string {
  return id.replace(/^-+/, '')
}

function beginsWith(kept: KeptError, wanted: string): boolean {
  return [kept.id, showId(kept.id), kept.jobId ?? ''].some((id) => id.startsWith(wanted))
}

async function readKept(path: string): Promise<KeptError | undefined> {
  try {
    const [body, { mtimeMs }] = await Promise.all([readFile(path), stat(path)])
    const decoded = decodeMessage(body)
    if (!decoded.ok) return undefined
    const { message } = decoded
    const { id = path, jobId, error } = message
    if (!error) return undefined
    return { id, jobId, keptAtMs: mtimeMs, error: readError(error), message, path }
  } catch {
    // Replayed or removed meanwhile.
    return undefined
  }
}
