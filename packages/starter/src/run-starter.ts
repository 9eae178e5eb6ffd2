import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { ALLOWED_NAME, isProjectName, suggestProjectName } from './project-name.ts'
import { writeProject, type WrittenProject } from './write-project.ts'

export interface StarterRequest {
  /** Where the project goes; else it is asked for, or `fallbackDir`. */
  readonly dir?: string | undefined
  readonly fallbackDir: string
  /** Else it comes from the folder. */
  readonly name?: string | undefined
  /** Whether a folder that holds something may be used; what is there is kept. */
  readonly isForced: boolean
  /** Whether nothing may be asked. */
  readonly isSilent: boolean
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/** What came of it; a refusal says why, and what to do. */
export type StarterEnd =
  { readonly ok: true; readonly dir: string } | { readonly ok: false; readonly reason: string }

/** Makes a project, and says what to do next. Asks only at a terminal. */
export async function runStarter(request: StarterRequest): Promise<StarterEnd> {
  const { output, isForced } = request
  const asked = request.dir ?? (await askForDir(request))
  const dir = resolve(asked)
  const name = request.name ?? suggestProjectName(basename(dir))
  if (name === undefined || !isProjectName(name))
    return {
      ok: false,
      reason: `"${name ?? basename(dir)}" cannot be a project's name: ${ALLOWED_NAME}; write another with --name`,
    }
  if (existsSync(dir) && !statSync(dir).isDirectory())
    return { ok: false, reason: `${asked} is a file: choose another folder` }
  const found = await listForeign(dir)
  const isAllowed = found.length === 0 || isForced || (await confirmUse(request, asked, found))
  if (!isAllowed)
    return {
      ok: false,
      reason: `${asked} is not empty: it has ${showSome(found)}. Choose another folder, or use --force, which keeps what is there`,
    }
  const project = await writeProject(dir, name)
  output.write(describeNext(dir, name, project))
  return { ok: true, dir }
}

/** What a folder may hold and yet be empty for us: what git and editors put there. */
const HARMLESS = new Set(['.git', '.gitattributes', '.DS_Store', '.idea', '.vscode', 'LICENSE'])

async function listForeign(dir: string): Promise<string[]> {
  if (!existsSync(dir)) return []
  return (await readdir(dir)).filter((entry) => !HARMLESS.has(entry)).sort()
}

function isAtTerminal({ input, output, isSilent }: StarterRequest): boolean {
  return !isSilent && input.isTTY === true && output.isTTY === true
}

async function askForDir(request: StarterRequest): Promise<string> {
  const { fallbackDir } = request
  if (!isAtTerminal(request)) return fallbackDir
  const answer = await ask(request, `Where shall the project be? (${fallbackDir}) `)
  return answer === '' ? fallbackDir : answer
}

async function confirmUse(
  request: StarterRequest,
  dir: string,
  found: readonly string[],
): Promise<boolean> {
  if (!isAtTerminal(request)) return false
  const question = `${dir} has ${showSome(found)}. Put the project there, and keep what is there? (y/N) `
  return /^y(es)?$/i.test(await ask(request, question))
}

async function ask({ input, output }: StarterRequest, question: string): Promise<string> {
  const lines = createInterface({ input, output })
  try {
    return (await lines.question(question)).trim()
  } finally {
    lines.close()
  }
}

function showSome(names: readonly string[]): string {
  const SHOWN = 3
  const some = names.slice(0, SHOWN).join(', ')
  return names.length > SHOWN ? `${some} and ${names.length - SHOWN} more` : some
}

function describeNext(dir: string, name: string, { written, kept }: WrittenProject): string {
  const place = relative(process.cwd(), dir)
  const steps = [
    ...(place === '' ? [] : [`cd ${/^[\w./-]+$/.test(place) ? place : `'${place}'`}`]),
    'npm install',
    `npx asya call review --json '{"title":"Rain","text":"It rains. Will it stop?"}'`,
    'npm test',
  ]
  const keptLines = kept.length === 0 ? '' : `kept as they were: ${kept.join(', ')}\n`
  const hint = kept.includes('package.json')
    ? 'Your package.json needs @asya/sdk, and @asya/cli, typescript and vitest to develop.\n'
    : ''
  return (
    `made ${name}: ${written.length} files in ${place === '' ? '.' : place}\n${keptLines}${hint}\n` +
    `Next:\n${steps.map((step) => `  ${step}\n`).join('')}\n` +
    'README.md says more; AGENTS.md tells coding agents how to work here.\n'
  )
}
