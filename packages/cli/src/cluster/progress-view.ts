import { formatActorProgress, formatProgress } from '../view/deploy-text.ts'
import { LiveRegion } from '../view/live-region.ts'
import { createPaint } from '../view/paint.ts'
import type { ActorProgress } from './wait-until-ready.ts'

export interface ProgressView {
  readonly show: (actors: readonly ActorProgress[]) => void
  readonly close: () => void
}

/** In place on a terminal; elsewhere a line whenever something changed. */
export function createProgressView(stream: NodeJS.WriteStream): ProgressView {
  const paint = createPaint(stream)
  if (!stream.isTTY) return createLog(stream)
  const region = new LiveRegion(stream)
  let last: readonly string[] = []
  return {
    show: (actors) => {
      last = formatProgress(actors, paint)
      region.draw(last)
    },
    close: () => {
      region.close()
      if (last.length > 0) stream.write(`${last.join('\n')}\n`)
    },
  }
}

function createLog(stream: NodeJS.WriteStream): ProgressView {
  const paint = createPaint(stream)
  const said = new Map<string, string>()
  return {
    show: (actors) => {
      const width = Math.max(...actors.map(({ name }) => name.length))
      for (const actor of actors) {
        const key = `${actor.namespace}/${actor.name}`
        const line = formatActorProgress(actor, width, paint)
        if (said.get(key) !== line) stream.write(`${line}\n`)
        said.set(key, line)
      }
    },
    close: () => undefined,
  }
}
