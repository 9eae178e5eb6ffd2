import { ApiError, send } from './api.ts'
import { Store } from './store.ts'

/**
 * Follows server-sent events by `fetch`, for EventSource sends no token. A hidden page closes its
 * stream, for a browser has six connections to a gateway, and goes on where it was when it is shown.
 */
interface ServerEvent {
  readonly id: string
  readonly type: string
  readonly data: string
}

export interface FollowOptions {
  readonly path: string
  readonly onEvent: (event: ServerEvent) => void
  /** Connected, for the first time or again: what was missed is not told, unless events have ids. */
  readonly onOpen?: () => void
  /** True for the last event, after which the stream is not opened again. */
  readonly isLast?: (event: ServerEvent) => boolean
}

/** Whether the page hears of changes at once. */
export const liveness = new Store<'idle' | 'live' | 'waiting'>('idle')

const FIRST_WAIT_MS = 500
const MAX_WAIT_MS = 10_000

/** Follows until the returned function is called, the last event came, or the gateway refuses. */
export function followEvents(options: FollowOptions): () => void {
  const stopped = new AbortController()
  void follow(options, stopped.signal).finally(() => {
    if (!stopped.signal.aborted) liveness.set('idle')
  })
  return () => {
    stopped.abort()
    liveness.set('idle')
  }
}

async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  let lastId = ''
  let waitMs = FIRST_WAIT_MS
  for (;;) {
    await untilVisible(signal)
    if (signal.aborted) return
    const end = await readOnce(options, lastId, signal)
    if (end.isOver || isAborted(signal)) return
    if (end.lastId !== lastId || end.wasOpen) waitMs = FIRST_WAIT_MS
    lastId = end.lastId
    liveness.set('waiting')
    await sleep(waitMs, signal)
    waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)
  }
}

/** It may have become so while something was waited for. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

interface EndOfRead {
  readonly isOver: boolean
  readonly wasOpen: boolean
  readonly lastId: string
}

async function readOnce(
  { path, onEvent, onOpen, isLast }: FollowOptions,
  fromId: string,
  signal: AbortSignal,
): Promise<EndOfRead> {
  let lastId = fromId
  let wasOpen = false
  const hidden = new AbortController()
  const onHidden = (): void => {
    if (document.visibilityState === 'hidden') hidden.abort()
  }
  document.addEventListener('visibilitychange', onHidden)
  try {
    const response = await send(path, {
      headers: fromId === '' ? {} : { 'last-event-id': fromId },
      signal: AbortSignal.any([signal, hidden.signal]),
    })
    wasOpen = true
    liveness.set('live')
    onOpen?.()
    for await (const event of readEvents(response)) {
      if (signal.aborted) break
      if (event.id !== '') lastId = event.id
      onEvent(event)
      if (isLast?.(event) === true) return { isOver: true, wasOpen, lastId }
    }
  } catch (error) {
    const isRefused = error instanceof ApiError && error.status >= 400 && error.status < 500
    if (isRefused && error.status !== 429) return { isOver: true, wasOpen, lastId }
  } finally {
    document.removeEventListener('visibilitychange', onHidden)
  }
  return { isOver: false, wasOpen, lastId }
}

async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const parts = (rest + value).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const event = readEvent(part)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** One event of its lines; undefined for a comment. */
function readEvent(text: string): ServerEvent | undefined {
  let [id, type] = ['', 'message']
  const data: string[] = []
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const value = line.slice(colon + 1).replace(/^ /, '')
    if (line.startsWith('id:')) id = value
    else if (line.startsWith('event:')) type = value
    else if (line.startsWith('data:')) data.push(value)
  }
  return data.length === 0 ? undefined : { id, type, data: data.join('\n') }
}

function untilVisible(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === 'visible') return Promise.resolve()
  return new Promise((resolve) => {
    const check = (): void => {
      if (document.visibilityState !== 'visible' && !signal.aborted) return
      document.removeEventListener('visibilitychange', check)
      signal.removeEventListener('abort', check)
      resolve()
    }
    document.addEventListener('visibilitychange', check)
    signal.addEventListener('abort', check)
  })
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish)
  })
}
