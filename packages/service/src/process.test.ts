import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** Runs a script that imports from this folder; kills it with `signal` at its first output. */
async function run(
  script: string,
  signal?: NodeJS.Signals,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    if (signal) child.kill(signal)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

test('a log line is one JSON object, written before the process can die', async () => {
  const { code, stdout } = await run(`
    import { createLogger } from './logger.ts'
    createLogger({ level: 'info', fields: { actor: 'a' } }).info({ job_id: 'j' }, 'begun')
    process.kill(process.pid, 'SIGKILL')
  `)
  expect(code).toBeNull()
  expect(JSON.parse(stdout)).toMatchObject({ level: 'info', actor: 'a', job_id: 'j', msg: 'begun' })
})

test('a log can leave stdout to somebody else', async () => {
  const { stdout, stderr } = await run(`
    import { createLogger } from './logger.ts'
    createLogger({ level: 'warn', fd: 2 }).warn('mind the gap')
  `)
  expect(stdout).toBe('')
  expect(JSON.parse(stderr)).toMatchObject({ level: 'warn', msg: 'mind the gap' })
})

test('a process closes at its first signal and exits with 0', async () => {
  const { code, stdout } = await run(
    `
    import { closeOnSignal } from './shutdown.ts'
    closeOnSignal(async (signal) => console.log('closing at', signal), 5000)
    setInterval(() => {}, 1000)
    console.log('up')
  `,
    'SIGTERM',
  )
  expect(code).toBe(0)
  expect(stdout).toContain('closing at SIGTERM')
})

test('a process that cannot close in its grace time exits with 1', async () => {
  const { code } = await run(
    `
    import { closeOnSignal } from './shutdown.ts'
    closeOnSignal(() => new Promise(() => {}), 50)
    setInterval(() => {}, 1000)
    console.log('up')
  `,
    'SIGTERM',
  )
  expect(code).toBe(1)
})
