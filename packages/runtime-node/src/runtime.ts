import type { RuntimeConfig } from './config.ts'
import type { Launch } from './entries.ts'
import { loadIsolation } from './isolate/load-isolation.ts'
import type { Log } from './log.ts'
import { shrinkHeapWhenIdle } from './shrink-heap.ts'
import { SocketServer } from './socket-server.ts'
import { Supervisor } from './supervisor.ts'

/** A runtime that serves its socket. */
export interface Runtime {
  /** Resolves when it must end: asked to by a peer, or unable to serve any more. */
  readonly whenOver: Promise<End>
  /** Finishes what is in flight, as long as `graceMs` allows, and closes. Idempotent. */
  close(graceMs: number): Promise<void>
}

type End = { readonly type: 'asked' } | { readonly type: 'given-up'; readonly reason: string }

export type Started =
  | { readonly ok: true; readonly runtime: Runtime }
  /** `reason` is one line. */
  | { readonly ok: false; readonly reason: string }

export interface RuntimeOptions extends RuntimeConfig {
  readonly launch?: Launch
}

const NOT_ISOLATED =
  'ASYA_ISOLATION=none: a handler that loops for ever, exits or exhausts the memory takes the runtime with it'

/** Loads the actor, then opens the socket: a peer that can connect will be served. */
export async function startRuntime(options: RuntimeOptions, log: Log): Promise<Started> {
  const createIsolate = await loadIsolation(options.isolation)
  const over = Promise.withResolvers<End>()
  const supervisor = new Supervisor(
    { ...options, createIsolate: (events) => createIsolate(options, events) },
    {
      onReadiness: (isReady) => {
        server.setReading(isReady)
      },
      onGivenUp: (reason) => {
        over.resolve({ type: 'given-up', reason })
      },
    },
    log,
  )
  const { socket, maxFrameBytes, handler } = options
  if (options.isolation === 'none') log.warn({}, NOT_ISOLATED)
  const server = new SocketServer({ ...socket, maxFrameBytes }, supervisor, log)

  const loaded = await supervisor.start()
  const opened = loaded.ok ? await server.listen() : loaded
  if (!opened.ok) {
    await supervisor.close()
    const what = loaded.ok ? 'cannot listen' : `cannot load ASYA_HANDLER ${handler.text}`
    return { ok: false, reason: `${what}: ${opened.reason}` }
  }
  shrinkHeapWhenIdle()
  void server.whenAskedToShutDown.then(() => {
    over.resolve({ type: 'asked' })
  })
  const close = async (graceMs: number): Promise<void> => {
    await server.close(graceMs)
    await supervisor.close()
  }
  return { ok: true, runtime: { whenOver: over.promise, close } }
}
