import { setTimeout as sleep } from 'node:timers/promises'
import { KubeError } from '@asya/operator/kube'
import { UsageError } from '../errors.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { explainUnknown } from '../suggest.ts'
import { LiveRegion } from '../view/live-region.ts'
import { createPaint } from '../view/paint.ts'
import { formatStatus } from '../view/status-text.ts'
import { summarize, type ActorSummary } from './actor-summary.ts'
import { withCluster, type Cluster, type ClusterOptions } from './connect.ts'
import { readCluster } from './read-cluster.ts'

export interface StatusOptions extends ClusterOptions {
  readonly isEverywhere: boolean
  readonly isWatching: boolean
  readonly output: 'text' | 'wide' | 'json'
}

const WATCH_MS = 2_000

/** Once, or until it is stopped. */
export async function showStatus(names: readonly string[], options: StatusOptions): Promise<void> {
  await withCluster(options, async (cluster) => {
    const look = (): Promise<readonly string[]> => describe(names, options, cluster)
    if (options.isWatching) await watch(look)
    else process.stdout.write(`${(await look()).join('\n')}\n`)
  })
}

async function describe(
  names: readonly string[],
  options: StatusOptions,
  cluster: Cluster,
): Promise<readonly string[]> {
  const place = options.isEverywhere ? undefined : cluster.namespace
  const view = await readCluster(cluster.client, place)
  const actors = chooseActors(summarize(view), names)
  if (options.output === 'json') return [JSON.stringify(actors, null, 2)]
  const where = place === undefined ? 'any namespace' : `namespace ${place}`
  if (actors.length === 0) return [`there is no actor in ${where} of ${cluster.name}`]
  const lines = formatStatus(actors, {
    isWide: options.output === 'wide',
    hasNamespaces: options.isEverywhere,
    widthColumns: process.stdout.isTTY ? process.stdout.columns : undefined,
    paint: createPaint(process.stdout),
  })
  const { forbidden } = view
  if (forbidden.length === 0) return lines
  return [
    ...lines,
    '',
    `you may not list ${forbidden.join(', ')}: – stands for what they would say`,
  ]
}

function chooseActors(
  actors: readonly ActorSummary[],
  names: readonly string[],
): readonly ActorSummary[] {
  const known = actors.map(({ name }) => name)
  const missing = names.find((name) => !known.includes(name))
  if (missing !== undefined) throw new UsageError(explainUnknown('actor', missing, known))
  return names.length === 0 ? actors : actors.filter(({ name }) => names.includes(name))
}

/**
 * On a terminal in place; elsewhere anew whenever something changed. Once it has begun, an API server
 * that does not answer is waited for.
 */
async function watch(look: () => Promise<readonly string[]>): Promise<void> {
  const { stdout } = process
  const region = stdout.isTTY ? new LiveRegion(stdout) : undefined
  const interrupt = listenForInterrupt()
  let last = ''
  try {
    while (!interrupt.signal.aborted) {
      const lines = await look().catch((error: unknown) => {
        if (last === '' || !(error instanceof KubeError)) throw error
        return [`the cluster cannot be seen now, and is looked at again: ${error.message}`]
      })
      const text = lines.join('\n')
      if (region !== undefined) region.draw(lines)
      else if (text !== last) stdout.write(`${last === '' ? '' : '\n'}${text}\n`)
      last = text
      // To stop watching is how it ends.
      await sleep(WATCH_MS, undefined, { signal: interrupt.signal }).catch(() => undefined)
    }
  } finally {
    region?.close()
    if (region !== undefined && last !== '') stdout.write(`${last}\n`)
    interrupt.stop()
  }
}
