import { setTimeout as sleep } from 'node:timers/promises'
import { ASYNC_ACTORS, KubeError, type KubeClient, type ObjectKey } from '@asya/operator/kube'
import { judgeActor, type Progress } from './judge-actor.ts'

export interface ActorProgress extends Progress {
  readonly namespace: string
  readonly name: string
}

export interface WaitOptions {
  readonly client: KubeClient
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Told after each look. */
  readonly show: (actors: readonly ActorProgress[]) => void
}

const LOOK_MS = 1_000

/** Looks until each is ready or stalled, or the time is over; returns what was seen last. */
export async function waitUntilReady(
  keys: readonly ObjectKey[],
  { client, timeoutMs, signal, show }: WaitOptions,
): Promise<readonly ActorProgress[]> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const actors = await look(keys, client, end)
    show(actors)
    const isSettled = actors.every(({ state }) => state === 'ready' || state === 'stalled')
    if (isSettled || performance.now() >= end) return actors
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {
      signal.throwIfAborted()
    })
  }
}

async function look(
  keys: readonly ObjectKey[],
  client: KubeClient,
  end: number,
): Promise<readonly ActorProgress[]> {
  try {
    return await Promise.all(keys.map(async (key) => ({ ...key, ...(await lookAt(key, client)) })))
  } catch (error) {
    const isPassing = error instanceof KubeError && error.next === 'retry'
    if (!isPassing || performance.now() >= end) throw error
    const said: Progress = { state: 'waiting', reason: error.code, message: error.message }
    return keys.map((key) => ({ ...key, ...said }))
  }
}

async function lookAt(key: ObjectKey, client: KubeClient): Promise<Progress> {
  const actor = await client.get(ASYNC_ACTORS, key)
  if (actor !== undefined) return judgeActor(actor)
  return { state: 'stalled', reason: 'Gone', message: 'somebody has deleted it meanwhile' }
}
