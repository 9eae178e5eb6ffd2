import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { findInstallation } from './find-server.ts'
import { isAnswering } from './is-answering.ts'
import { PrivateServer } from './private-server.ts'

const STARTS_MS = 120_000

const PARENT = `
import { PrivateServer } from ${JSON.stringify(fileURLToPath(new URL('private-server.ts', import.meta.url)))}
import { findInstallation } from ${JSON.stringify(fileURLToPath(new URL('find-server.ts', import.meta.url)))}
const server = await PrivateServer.start(findInstallation())
console.log(JSON.stringify({ pid: server.pid, ...server.handle }))
setInterval(() => {}, 1_000)
`

/** Waits until a process is no more, or is only waiting to be forgotten. */
async function untilGone(pid: number): Promise<void> {
  const deadline = performance.now() + 20_000
  while (performance.now() < deadline) {
    const path = `/proc/${pid}/status`
    if (!existsSync(path) || /^State:\s+Z/m.test(readFileSync(path, 'utf8'))) return
    await sleep(50)
  }
  throw new Error(`process ${pid} is still there`)
}

function folderOf(settings: Readonly<Record<string, string>> | undefined): string {
  return settings?.['HOME'] ?? ''
}

// Where there is none, the other test files of this folder install one, or use Docker.
const installation = findInstallation()

it.runIf(installation)(
  'A private server keeps its data over a restart, and leaves nothing behind when it is closed',
  { timeout: STARTS_MS },
  async () => {
    if (!installation) throw new Error('there is none')
    const server = await PrivateServer.start(installation)
    const { url, ctl } = server.handle
    const folder = folderOf(ctl?.settings)
    const pid = server.pid ?? 0
    const data = readdirSync(`${folder}/data`)
    await server.down('SIGKILL')
    expect(server.pid).toBeUndefined()
    expect(await isAnswering(url)).toBe(false)
    await server.up()
    expect(readdirSync(`${folder}/data`)).toEqual(data)
    const secondPid = server.pid ?? 0
    await server.close()
    await server.close()
    await untilGone(pid)
    await untilGone(secondPid)
    expect(existsSync(folder)).toBe(false)
    expect(await isAnswering(url)).toBe(false)
  },
)

it.runIf(installation)(
  'A private server ends, and leaves nothing behind, when the process that started it is killed',
  { timeout: STARTS_MS },
  async () => {
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', PARENT], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string]
    const { pid, ctl } = JSON.parse(line) as {
      pid: number
      ctl: { settings: Record<string, string> }
    }
    const folder = folderOf(ctl.settings)
    expect(existsSync(folder)).toBe(true)
    parent.kill('SIGKILL')
    await untilGone(pid)
    while (existsSync(folder)) await sleep(50)
  },
)
