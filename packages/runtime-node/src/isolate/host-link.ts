import { ActorHost, type HostPort } from './actor-host.ts'
import { BatchWriter, readBatch, transferable } from './batch.ts'
import { levelsFrom } from './handler-log.ts'
import { FRAME_KINDS } from './isolate.ts'
import type { FromIsolate, IsolateStart, ToIsolate } from './link.ts'
import { loadActor } from './load-actor.ts'

/** The isolate's end of the link: what a thread and a process have in common. */
export interface HostLink extends Pick<HostPort, 'enter' | 'leave'> {
  /** Sends a message to the server; `transfer` is memory that may be handed over. */
  readonly post: (message: FromIsolate, transfer: ArrayBuffer[]) => void
  /** Begins to listen to the server, which keeps the isolate from ending. */
  readonly listen: (receive: (message: ToIsolate) => void) => void
}

/** Loads the actor, then serves what the server sends. */
export async function runHost(start: IsolateStart, link: HostLink): Promise<void> {
  const onIdle = (): void => {
    const reason = 'its top-level await waits for something that never comes'
    link.post({ type: 'not-loaded', reason }, [])
  }
  // Nobody listens yet: a module that waits for nothing leaves nothing to do.
  process.once('beforeExit', onIdle)
  const loaded = await loadActor(start)
  process.off('beforeExit', onIdle)
  if (!loaded.ok) {
    link.post({ type: 'not-loaded', reason: loaded.reason }, [])
    return
  }
  const { maxFrameBytes, logLevel } = start
  const options = { maxFrameBytes, logLevels: levelsFrom(logLevel) }
  const host = new ActorHost(loaded, createPort(link), options)
  // What is finished is not lost when the actor ends its isolate (I5).
  process.on('exit', host.flush)
  link.post({ type: 'loaded' }, [])
  link.listen((message) => {
    receive(host, message)
  })
}

function createPort(link: HostLink): HostPort {
  const outbox = new BatchWriter()
  return {
    frame: (runId, kind, body) => {
      outbox.give(runId, FRAME_KINDS.indexOf(kind), body)
    },
    flush: () => {
      if (outbox.isEmpty) return
      const batch = outbox.take()
      link.post({ type: 'frames', batch }, transferable(batch))
    },
    // At once, not with the frames: a line should survive the crash that it announces.
    log: (line) => {
      link.post({ type: 'log', line }, [])
    },
    pong: () => {
      link.post({ type: 'pong' }, [])
    },
    enter: link.enter,
    leave: link.leave,
  }
}

function receive(host: ActorHost, message: ToIsolate): void {
  switch (message.type) {
    case 'run':
      readBatch(message.batch, (id, deadlineEpochMs, body) => {
        host.take({ id, body, deadlineEpochMs })
      })
      host.work()
      return
    case 'abort':
      host.abort(message.runId, message.why)
      return
    case 'ping':
      host.ping()
      return
  }
}
