import type { IncomingMessage } from 'node:http'
import { explainCut, explainStatus, type Asked } from './errors.ts'
import type { KubeObject } from './kube-object.ts'

/** `bookmark`: nothing happened up to this resourceVersion that was not told. */
export type WatchEvent =
  | { readonly type: 'set'; readonly object: KubeObject }
  | { readonly type: 'gone'; readonly object: KubeObject }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }

interface Reading {
  readonly asked: Asked
  readonly silenceMs: number
}

/** The events of a watch, one JSON object a line. Ends with the body; throws KubeErrors. */
export async function* readWatch(
  body: IncomingMessage,
  { asked, silenceMs }: Reading,
): AsyncIterable<WatchEvent> {
  const watchdog = setTimeout(() => {
    body.destroy(new Error(`the watch was silent for ${silenceMs} ms`))
  }, silenceMs)
  try {
    for await (const line of readLines(body, () => watchdog.refresh())) {
      const event = parseEvent(line)
      if (event.type === 'ERROR') throw explainStatus(asked, event.object)
      yield pickEvent(event)
    }
  } catch (error) {
    throw error instanceof Error && error.name === 'KubeError' ? error : explainCut(asked, error)
  } finally {
    clearTimeout(watchdog)
    body.destroy()
  }
}

interface RawEvent {
  readonly type: string
  readonly object: KubeObject
}

/** A line that is no event means that the stream is broken: it is made anew, and nothing is skipped. */
function parseEvent(line: string): RawEvent {
  const event = JSON.parse(line) as Partial<RawEvent> | null
  if (typeof event?.type !== 'string' || typeof event.object?.metadata !== 'object') {
    if (event?.type === 'ERROR') return event as RawEvent
    throw new Error(`a line of the watch is no event: ${line.slice(0, 200)}`)
  }
  return { type: event.type, object: event.object }
}

function pickEvent({ type, object }: RawEvent): WatchEvent {
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'set', object }
    case 'DELETED':
      return { type: 'gone', object }
    case 'BOOKMARK':
      return { type: 'bookmark', resourceVersion: object.metadata.resourceVersion ?? '' }
    default:
      throw new Error(`the watch has an event of type ${type}, which is not known`)
  }
}

const NEW_LINE = 10

/** Whole lines; what stands after the last line break was cut off, and is thrown away. */
async function* readLines(body: IncomingMessage, onBytes: () => void): AsyncIterable<string> {
  let pending: Buffer[] = []
  for await (const bytes of body) {
    onBytes()
    let chunk = bytes as Buffer
    for (let end = chunk.indexOf(NEW_LINE); end >= 0; end = chunk.indexOf(NEW_LINE)) {
      const line = Buffer.concat([...pending, chunk.subarray(0, end)]).toString()
      pending = []
      chunk = chunk.subarray(end + 1)
      if (line !== '') yield line
    }
    if (chunk.length > 0) pending.push(chunk)
  }
}
