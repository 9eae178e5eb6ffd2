import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { ask } from '../client/http.ts'
import { CommandError } from '../errors.ts'

/**
 * `.asya/dev.json`: where the dev run of a project answers. Only its owner may read it, for the
 * token in it opens the control server.
 */
const STATE = z.object({ pid: z.number(), port: z.number(), token: z.string() })

export type DevState = z.infer<typeof STATE>

/** The folder of a project in which everything lies that a run writes. */
export function workFolder(projectDir: string): string {
  return join(projectDir, '.asya')
}

function pathOf(projectDir: string): string {
  return join(workFolder(projectDir), 'dev.json')
}

/** The control server's address for a state; its path is the secret. */
export function controlUrl(state: Pick<DevState, 'port' | 'token'>): string {
  return `http://127.0.0.1:${state.port}/${state.token}`
}

/** Makes `.asya`, which git ignores by itself. */
export function makeWorkFolder(projectDir: string): void {
  const folder = workFolder(projectDir)
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, '.gitignore'), '*\n')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`${folder} must be writable, for what a run keeps: ${reason}`)
  }
}

/** The state of the dev run that answers now; a stale file counts as none. */
export async function findRunningDev(projectDir: string): Promise<DevState | undefined> {
  const state = read(projectDir)
  return state && isProcess(state.pid) && (await doesAnswer(state)) ? state : undefined
}

/** Throws when there is a dev run of the project. */
export async function assertUnclaimed(projectDir: string): Promise<void> {
  const running = await findRunningDev(projectDir)
  if (running) throw new CommandError(explainSecond(projectDir, running))
}

/**
 * Makes this process the one dev run of the project. Throws when there is another; returns what
 * gives the place up again.
 */
export async function claimProject(projectDir: string, state: DevState): Promise<() => void> {
  makeWorkFolder(projectDir)
  const path = pathOf(projectDir)
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(state), { mode: 0o600 })
  try {
    while (!link(draft, path)) {
      await assertUnclaimed(projectDir)
      rmSync(path, { force: true })
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return () => {
    if (read(projectDir)?.token === state.token) rmSync(path, { force: true })
  }
}

/** Unlike a rename, a link never replaces a file: of two that race, one loses. */
function link(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function explainSecond(projectDir: string, running: DevState): string {
  return (
    `asya dev runs in ${projectDir} already (process ${running.pid}). Use it: asya call, asya logs; ` +
    'or stop it first.'
  )
}

function read(projectDir: string): DevState | undefined {
  try {
    return z.parse(STATE, JSON.parse(readFileSync(pathOf(projectDir), 'utf8')))
  } catch {
    // Missing, or left half written by another version: nobody can be reached by it.
    return undefined
  }
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

const PING_MS = 2_000

async function doesAnswer(state: DevState): Promise<boolean> {
  const signal = AbortSignal.timeout(PING_MS)
  const answer = await ask({ method: 'GET', url: `${controlUrl(state)}/ping`, signal }).catch(
    () => undefined,
  )
  return answer?.status === 200
}
