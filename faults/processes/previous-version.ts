import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What a sidecar consists of. */
const PARTS = ['sidecar', 'transport', 'protocol', 'service'].map((name) => `packages/${name}/src`)

/** The sidecar as it was before its last change, or why it cannot be had. */
export type PreviousVersion =
  | { readonly type: 'found'; readonly script: string; readonly says: string }
  | { readonly type: 'missing'; readonly reason: string }

/** Unpacks it from the history into a folder, once. */
export function unpackPreviousVersion(folder: string): PreviousVersion {
  const place = join(folder, 'previous-version')
  try {
    const tests = [':(exclude)*.test.ts', ':(exclude)*/testing/*']
    const lastChange = git('log', '-1', '--format=%H', '--', ...PARTS, ...tests)
    if (lastChange === '') return { type: 'missing', reason: 'the history names no change' }
    const commit = git('rev-parse', '--short', `${lastChange}^`)
    const says = git('log', '-1', '--format=%h %s', commit)
    if (!existsSync(place)) unpackWhole(commit, place)
    return { type: 'found', script: join(place, 'packages/sidecar/src/main.ts'), says }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { type: 'missing', reason: reason.split('\n').slice(0, 2).join(' ') }
  }
}

/** What was unpacked by half would be taken for whole the next time. */
function unpackWhole(commit: string, place: string): void {
  try {
    unpack(commit, place)
  } catch (error) {
    rmSync(place, { recursive: true, force: true })
    throw error
  }
}

/** Its own packages link to each other, and to what is installed here. */
function unpack(commit: string, place: string): void {
  const modules = join(place, 'node_modules')
  mkdirSync(join(modules, '@asya'), { recursive: true })
  const archive = execFileSync('git', ['archive', commit, 'packages'], {
    ...{ cwd: ROOT, maxBuffer: 256 * 1024 ** 2 },
  })
  execFileSync('tar', ['-x', '-C', place], { input: archive })
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@asya') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  }
  for (const name of readdirSync(join(place, 'packages'))) {
    symlinkSync(join(place, 'packages', name), join(modules, '@asya', name))
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim()
}
