import { ASYNC_ACTORS, type KubeObject } from '@asya/operator/kube'
import { UsageError } from '../errors.ts'
import { explainUnknown } from '../suggest.ts'
import type { Cluster } from './connect.ts'

/** Throws a UsageError with the names that there are when there is no such actor. */
export async function findActor(name: string, cluster: Cluster): Promise<KubeObject> {
  const { client, namespace } = cluster
  const found = await client.get(ASYNC_ACTORS, { namespace, name })
  if (found !== undefined) return found
  const { items } = await client.list(ASYNC_ACTORS, { namespace })
  const known = items.map((item) => item.metadata.name).sort()
  const hint = known.length === 0 ? ': there is none at all; --namespace names another' : ''
  throw new UsageError(
    `${explainUnknown('actor', name, known)}${hint} (namespace ${namespace} of ${cluster.name})`,
  )
}
