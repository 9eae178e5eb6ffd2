import type { ActorSettings } from '@asya/compiler'
import { fillRetry } from './fill-retry.ts'
import type { ProjectActor } from './read-manifest.ts'

/**
 * An actor as the build would have it run: what its module says is not all, for `asya.config.ts` may
 * say more.
 *
 * @param settings undefined for a stand-in, which is not built: then its own options are all
 */
export function settleActor<T extends ProjectActor>(
  actor: T,
  settings: ActorSettings | undefined,
): T & { readonly env: Readonly<Record<string, string>> } {
  const { timeoutMs, concurrency, retry = {}, env = {} } = settings ?? {}
  const plain = Object.entries(env).flatMap(([name, one]): [string, string][] =>
    'value' in one ? [[name, one.value]] : [],
  )
  return {
    ...actor,
    timeoutMs: timeoutMs ?? actor.timeoutMs,
    concurrency: concurrency ?? actor.concurrency,
    retry: fillRetry(retry, actor.retry),
    env: Object.fromEntries(plain),
  }
}
