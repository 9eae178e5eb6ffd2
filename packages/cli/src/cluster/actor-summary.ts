import type { KubeObject } from '@asya/operator/kube'
import { PAUSER, readOwners, SCALER } from './field-owners.ts'
import {
  pick,
  pickItems,
  pickNumber,
  pickText,
  readConditions,
  type Condition,
} from '@asya/operator/fields'
import { judgeActor, type Progress } from './judge-actor.ts'
import { readQueueDepth, type QueueDepth } from './queue-depth.ts'
import type { ClusterView } from './read-cluster.ts'

/** How an actor is, as its resource and what was made of it say. */
export interface ActorSummary {
  readonly namespace: string
  readonly name: string
  readonly type: string
  readonly progress: Progress
  readonly replicas: {
    readonly now: number
    readonly ready: number
    /** Undefined where nothing scales it. */
    readonly min: number | undefined
    readonly max: number | undefined
  }
  /** Who decides on the replicas. */
  readonly scaling: 'queue' | 'fixed' | 'paused'
  readonly queue: QueueDepth
  readonly image: string
  /** What people have changed since it was deployed. */
  readonly setBy: readonly ('asya scale' | 'asya pause')[]
  readonly conditions: readonly Condition[]
  readonly createdAt: string
}

/** Sorted by namespace and name. */
export function summarize(view: ClusterView): readonly ActorSummary[] {
  return view.actors.map((actor) => summarizeActor(actor, view)).sort(compareKeys)
}

function compareKeys(one: ActorSummary, other: ActorSummary): number {
  const [a, b] = [one, other].map(({ namespace, name }) => `${namespace}/${name}`)
  return (a ?? '') < (b ?? '') ? -1 : 1
}

function summarizeActor(actor: KubeObject, view: ClusterView): ActorSummary {
  const { name, namespace = '', creationTimestamp = '' } = actor.metadata
  const scaler = view.scalers.find((object) => isOwned(object, actor))
  const scaling = readScaling(actor, scaler)
  const isFixed = scaling === 'fixed'
  const containers = pickItems(actor, 'spec', 'workload', 'template', 'spec', 'containers')
  const managers = new Set(readOwners(actor).map(({ manager }) => manager))
  return {
    ...{ namespace, name, scaling },
    type: pickText(actor, 'spec', 'workload', 'type') || 'Deployment',
    progress: judgeActor(actor),
    replicas: {
      now: pickNumber(actor, 'status', 'replicas') ?? 0,
      ready: pickNumber(actor, 'status', 'readyReplicas') ?? 0,
      min: isFixed ? undefined : (pickNumber(actor, 'spec', 'scaling', 'minReplicas') ?? 0),
      max: isFixed ? undefined : pickNumber(actor, 'spec', 'scaling', 'maxReplicas'),
    },
    queue: readQueueDepth(scaler, findAutoscaler(view.autoscalers, scaler)),
    image: pickText(
      containers.find((container) => container['name'] === 'runtime'),
      'image',
    ),
    setBy: [
      ...(managers.has(SCALER) ? ['asya scale' as const] : []),
      ...(managers.has(PAUSER) ? ['asya pause' as const] : []),
    ],
    conditions: readConditions(actor),
    createdAt: creationTimestamp,
  }
}

/** Without KEDA, or with scaling switched off, workload.replicas holds. */
function readScaling(actor: KubeObject, scaler: KubeObject | undefined): ActorSummary['scaling'] {
  if (pick(actor, 'spec', 'scaling', 'enabled') === false) return 'fixed'
  const isLacking = readConditions(actor).some(({ reason }) => reason === 'KedaNotInstalled')
  if (isLacking && scaler === undefined) return 'fixed'
  return pick(actor, 'spec', 'scaling', 'paused') === true ? 'paused' : 'queue'
}

export function isOwned(object: KubeObject, actor: KubeObject): boolean {
  const { ownerReferences = [] } = object.metadata
  return ownerReferences.some(({ uid }) => uid === actor.metadata.uid)
}

/** The one that KEDA made of a ScaledObject. */
export function findAutoscaler(
  autoscalers: readonly KubeObject[],
  scaler: KubeObject | undefined,
): KubeObject | undefined {
  if (scaler === undefined) return undefined
  const { name, namespace } = scaler.metadata
  const wanted = pickText(scaler, 'status', 'hpaName') || `keda-hpa-${name}`
  return autoscalers.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === wanted,
  )
}
