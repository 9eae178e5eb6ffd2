import type { Server } from 'node:net'
import { dirname } from 'node:path'

/** An `import` of node:net also loads its block lists (0.3 MiB), and one of node:fs 2 MiB. */
const { connect } = process.getBuiltinModule('node:net')
const { chmodSync, lstatSync, mkdirSync, unlinkSync } = process.getBuiltinModule('node:fs')

export type Opened =
  | { readonly ok: true }
  /** `reason` is one line that says what to do. */
  | { readonly ok: false; readonly reason: string }

/**
 * Listens, with tight permissions from the first moment on. A socket that nobody serves any more is
 * replaced; one that is served, or a file that is none, never.
 */
export async function openSocket(server: Server, path: string, mode: number): Promise<Opened> {
  try {
    const obstacle = await clearPath(path)
    if (obstacle !== undefined) return refuse(path, obstacle)
    await listenOn(server, path)
    chmodSync(path, mode)
    return { ok: true }
  } catch (error) {
    return refuse(path, `cannot be made: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function refuse(path: string, why: string): Opened {
  return { ok: false, reason: `ASYA_SOCKET_PATH ${path} ${why}` }
}

/** Makes way for a socket; what stands in the way when it cannot. */
async function clearPath(path: string): Promise<string | undefined> {
  mkdirSync(dirname(path), { recursive: true })
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return undefined
  if (!found.isSocket()) return 'is a file that is no socket: remove it or name another'
  if (await isServed(path)) return 'is served by another process: end it or name another'
  unlinkSync(path)
  return undefined
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    // EAGAIN: its backlog is full, so somebody is there; ECONNREFUSED, ENOENT: nobody.
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EAGAIN')
    })
  })
}

/** Rejects with the system's error. */
function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    // bind(2) makes the file, within this call, with the permissions that the umask leaves.
    const umask = process.umask(0o177)
    try {
      server.listen(path)
    } finally {
      process.umask(umask)
    }
  })
}
