import type { ActorEvidence, Sentence } from './actor-evidence.ts'
import { explainPods } from './explain-pods.ts'
import { explainReadiness } from './explain-readiness.ts'
import { explainReplicas } from './explain-replicas.ts'
import type { KubeObject } from '@asya/operator/kube'
import { pickText } from '@asya/operator/fields'

export interface ActorEvent {
  /** RFC 3339. */
  readonly time: string
  readonly type: string
  readonly reason: string
  readonly note: string
  /** `Pod read-page-5d9f-x2k` */
  readonly about: string
}

export interface ClusterExplanation {
  readonly namespace: string
  readonly name: string
  readonly readiness: readonly Sentence[]
  readonly replicas: readonly Sentence[]
  readonly pods: readonly Sentence[]
  /** Newest first. */
  readonly events: readonly ActorEvent[]
}

const MAX_EVENTS = 8

/** Why an actor is as it is. Pure: the same evidence, the same sentences. */
export function explainOnCluster(evidence: ActorEvidence): ClusterExplanation {
  const { name, namespace = '' } = evidence.actor.metadata
  return {
    namespace,
    name,
    readiness: explainReadiness(evidence),
    replicas: explainReplicas(evidence),
    pods: explainPods(evidence.pods, namespace),
    events: evidence.events
      .map(readEvent)
      .sort((one, other) => (one.time > other.time ? -1 : 1))
      .slice(0, MAX_EVENTS),
  }
}

/** An old recorder says when in one place, a new one in another. */
function readEvent(event: KubeObject): ActorEvent {
  const times = [
    pickText(event, 'series', 'lastObservedTime'),
    pickText(event, 'deprecatedLastTimestamp'),
    pickText(event, 'eventTime'),
    event.metadata.creationTimestamp ?? '',
  ]
  return {
    time: times.find((time) => time !== '') ?? '',
    type: pickText(event, 'type'),
    reason: pickText(event, 'reason'),
    note: pickText(event, 'note').trim(),
    about: `${pickText(event, 'regarding', 'kind')} ${pickText(event, 'regarding', 'name')}`,
  }
}
