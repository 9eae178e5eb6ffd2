import type { KubeObject } from '@asya/operator/kube'

/** What somebody wants to know, in a sentence, and what to do where something is to be done. */
export interface Sentence {
  readonly text: string
  readonly fix?: string
}

/** All that there is of an actor on a cluster. */
export interface ActorEvidence {
  readonly actor: KubeObject
  readonly workload: KubeObject | undefined
  readonly scaler: KubeObject | undefined
  readonly autoscaler: KubeObject | undefined
  readonly pods: readonly KubeObject[]
  /** Of all of these; in any order. */
  readonly events: readonly KubeObject[]
}
