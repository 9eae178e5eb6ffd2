import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { childEnvironment } from '../config.ts'
import { ProjectError } from '../errors.ts'
import { inspectArguments } from '../programs.ts'
import { parseManifest, type Inspection, type Manifest } from './manifest.ts'

/** Longer than any module should take; one that waits for ever at its top level would hang all. */
const TIMEOUT_MS = 60_000

/** Loads the bundles in a process of its own and says what they export. */
export async function inspect(
  projectDir: string,
  modules: Inspection,
  signal: AbortSignal,
): Promise<Manifest> {
  const child = spawn(process.execPath, inspectArguments(), {
    cwd: projectDir,
    env: childEnvironment({}),
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    detached: true,
    signal,
    killSignal: 'SIGKILL',
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  // It may be gone before it read anything; its end says why.
  child.stdin.on('error', () => undefined)
  child.stdin.end(JSON.stringify(modules.map(({ source, path }) => ({ source, path }))))
  const manifestPipe = child.stdio[3] as Readable
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve(signal ?? `exit code ${code ?? '?'}`)
    })
  })
  try {
    const [manifest, stdout, stderr, end] = await Promise.all([
      text(manifestPipe),
      text(child.stdout),
      text(child.stderr),
      ended,
    ])
    if (manifest === '') throw new ProjectError(explainSilence(end, stdout + stderr))
    return parseManifest(manifest)
  } finally {
    process.off('exit', kill)
  }
}

function explainSilence(end: string, output: string): string {
  const said = output.trim() === '' ? '' : `\n\n${output.trimEnd()}`
  if (end === 'SIGKILL')
    return `the modules took longer than ${TIMEOUT_MS / 1_000} s to load: does one wait at its top level?${said}`
  return `the process that loads the modules died (${end})${said}`
}
