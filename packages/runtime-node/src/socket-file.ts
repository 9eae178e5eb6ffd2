import net from 'node:net'
import { dirname } from 'node:path'

/** An `import` of node:fs also loads its promises and streams: 2 MiB that are never used here. */
const { chmodSync, lstatSync, mkdirSync, unlinkSync } = process.getBuiltinModule('node:fs')

export type Cleared =
  | { readonly ok: true }
  /** `reason` is one line that says what to do. */
  | { readonly ok: false; readonly reason: string }

/** Makes way for a socket: removes one that nobody serves any more, and never one that is served. */
export async function clearSocketPath(path: string): Promise<Cleared> {
  mkdirSync(dirname(path), { recursive: true })
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return { ok: true }
  if (!found.isSocket())
    return refuse(`ASYA_SOCKET_PATH ${path} is a file that is no socket: remove it or name another`)
  if (await isServed(path))
    return refuse(`ASYA_SOCKET_PATH ${path} is served by another process: end it or name another`)
  unlinkSync(path)
  return { ok: true }
}

function refuse(reason: string): Cleared {
  return { ok: false, reason }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(path)
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

/** Listens with tight permissions from the first moment on; rejects with the system's error. */
export async function listenOn(server: net.Server, path: string, mode: number): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
  })
  // bind(2) makes the file, within this call, with the permissions that the umask leaves.
  const umask = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(umask)
  }
  await listening
  chmodSync(path, mode)
}
