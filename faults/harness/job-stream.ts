import { setTimeout as sleep } from 'node:timers/promises'

export interface JobEvent {
  readonly seq: number
  readonly type: string
}

export interface FollowOptions {
  readonly jobId: string
  /** Where the nth connection goes; each may be cut. */
  readonly urlOf: (connection: number) => string
  readonly onEvent: (event: JobEvent) => void
  /** Ends the following where the job never does. */
  readonly signal: AbortSignal
  /** The client drops the connection after so many events. */
  readonly dropAfter?: number
}

const END_TYPES: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled'])

export function isEndType(type: string): boolean {
  return END_TYPES.has(type)
}

/**
 * Follows a job by its server-sent events, as any client would: whenever the connection ends before
 * the job does, it comes again with the number of its last event. True when it saw the end.
 */
export async function followJob(options: FollowOptions): Promise<boolean> {
  const { urlOf, signal } = options
  const cursor = { seq: 0, hasEnded: false }
  for (let connection = 0; !cursor.hasEnded && !signal.aborted; connection++) {
    try {
      await readOnce(`${urlOf(connection)}/jobs/${options.jobId}/stream`, cursor, options)
    } catch {
      await sleep(RETRY_MS)
    }
  }
  return cursor.hasEnded
}

const RETRY_MS = 50

interface Cursor {
  seq: number
  hasEnded: boolean
}

async function readOnce(url: string, cursor: Cursor, options: FollowOptions): Promise<void> {
  const { signal, dropAfter = Infinity, onEvent } = options
  const dropping = new AbortController()
  const response = await fetch(url, {
    headers: { 'last-event-id': `${cursor.seq}` },
    signal: AbortSignal.any([signal, dropping.signal]),
  })
  if (response.status !== 200) throw new Error(`answered ${response.status}`)
  let seen = 0
  let text = ''
  const decoder = new TextDecoder()
  const body: AsyncIterable<Uint8Array> | null = response.body
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events.map(parseEvent)) {
      if (!event) continue
      onEvent(event)
      cursor.seq = event.seq
      cursor.hasEnded ||= isEndType(event.type)
      if (++seen < dropAfter) continue
      dropping.abort()
      return
    }
  }
}

/** Undefined for a heartbeat. */
function parseEvent(text: string): JobEvent | undefined {
  const seq = /^id: (\d+)$/m.exec(text)?.[1]
  const type = /^event: (\w+)$/m.exec(text)?.[1]
  return seq === undefined || type === undefined ? undefined : { seq: Number(seq), type }
}
