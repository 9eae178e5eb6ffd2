import type { CreateIsolate } from './isolate.ts'

export type Isolation = 'thread' | 'process' | 'none'

/** Loads one kind of isolation, and not what the others need: memory that every actor would pay. */
export async function loadIsolation(kind: Isolation): Promise<CreateIsolate> {
  switch (kind) {
    case 'thread': {
      const { ThreadIsolate } = await import('./thread/thread-isolate.ts')
      return (options, events) => new ThreadIsolate(options, events)
    }
    case 'process': {
      const { ProcessIsolate } = await import('./process/process-isolate.ts')
      return (options, events) => new ProcessIsolate(options, events)
    }
    case 'none': {
      const { NoneIsolate } = await import('./none/none-isolate.ts')
      return (options, events) => new NoneIsolate(options, events)
    }
  }
}
