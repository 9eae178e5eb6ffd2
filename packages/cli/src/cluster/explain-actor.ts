import { EVENTS, PODS, type KubeObject } from '@asya/operator/kube'
import { createPaint } from '../view/paint.ts'
import { formatClusterExplanation } from '../view/cluster-explanation-text.ts'
import { findAutoscaler, isOwned } from './actor-summary.ts'
import type { ActorEvidence } from './actor-evidence.ts'
import { explainOnCluster } from './cluster-explanation.ts'
import { withCluster, type Cluster, type ClusterOptions } from './connect.ts'
import { pickText } from '@asya/operator/fields'
import { findActor } from './find-actor.ts'
import { listReadable, readCluster } from './read-cluster.ts'

/** `asya explain --cluster`: why an actor has the replicas that it has, and why it is not ready. */
export async function explainOnline(
  name: string,
  options: ClusterOptions & { readonly format: 'text' | 'json' },
): Promise<void> {
  await withCluster(options, async (cluster) => {
    const actor = await findActor(name, cluster)
    const explanation = explainOnCluster(await gather(actor, cluster))
    const text =
      options.format === 'json'
        ? JSON.stringify(explanation, null, 2)
        : formatClusterExplanation(explanation, createPaint(process.stdout)).join('\n')
    process.stdout.write(`${text}\n`)
  })
}

async function gather(actor: KubeObject, { client, namespace }: Cluster): Promise<ActorEvidence> {
  const { name } = actor.metadata
  const [view, pods = [], events = []] = await Promise.all([
    readCluster(client, namespace),
    listReadable(client, PODS, { namespace, labelSelector: `asya.io/actor=${name}` }),
    listReadable(client, EVENTS, { namespace }),
  ])
  const workload = view.workloads.find((object) => isOwned(object, actor))
  const scaler = view.scalers.find((object) => isOwned(object, actor))
  const autoscaler = findAutoscaler(view.autoscalers, scaler)
  const all = [actor, workload, scaler, autoscaler, ...pods]
  const uids = new Set(all.map((object) => object?.metadata.uid))
  return {
    ...{ actor, workload, scaler, autoscaler, pods },
    events: events.filter((event) => uids.has(pickText(event, 'regarding', 'uid'))),
  }
}
