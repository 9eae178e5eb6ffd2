import { createLog, type LogFields } from '../log.ts'
import { startRuntime, type Runtime, type RuntimeOptions } from '../runtime.ts'
import { testLaunch } from './launch.ts'
import { ScriptedPeer } from './scripted-peer.ts'
import type { Workshop } from './workshop.ts'

/** A runtime inside the test's process, with its log. */
export interface Rig {
  readonly runtime: Runtime
  /** The log's lines, parsed. */
  readonly lines: readonly LogFields[]
  /** Connects another peer. */
  connect(): Promise<ScriptedPeer>
}

/** Starts a runtime whose actor is the export `act` of a module with this source. */
export async function startRig(
  workshop: Workshop,
  source: string,
  options: Partial<RuntimeOptions> = {},
): Promise<Rig> {
  const path = workshop.write(source)
  const lines: LogFields[] = []
  const log = createLog({
    level: 'debug',
    fields: {},
    write: (line) => lines.push(JSON.parse(line) as LogFields),
  })
  const started = await startRuntime(
    {
      handler: { text: path, path, exportName: 'act' },
      guardPath: undefined,
      actorName: undefined,
      isolation: 'thread',
      concurrency: 1,
      socket: { path: workshop.socketPath, mode: 0o660 },
      maxFrameBytes: 1024 * 1024,
      defaultTimeoutMs: undefined,
      loadTimeoutMs: 10_000,
      heapLimitMiB: undefined,
      logLevel: 'debug',
      graceMs: 1_000,
      launch: testLaunch,
      ...options,
    },
    log,
  )
  if (!started.ok) throw new Error(started.reason)
  workshop.onEnd(() => started.runtime.close(100))
  return {
    runtime: started.runtime,
    lines,
    connect: async () => {
      const peer = await ScriptedPeer.open(workshop.socketPath)
      workshop.onEnd(() => peer.close())
      return peer
    },
  }
}

/** The codes of a failure reply; empty for anything else. */
export function codeOf(frame: unknown): string | undefined {
  const [first] = Array.isArray(frame) ? (frame as unknown[]) : []
  return typeof first === 'object' && first !== null && 'error' in first
    ? String(first.error)
    : undefined
}
