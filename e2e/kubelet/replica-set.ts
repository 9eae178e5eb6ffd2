import { join } from 'node:path'
import type { ClusterNode } from './node.ts'
import { Pod } from './pod.ts'
import type { PodSpec } from './pod-spec.ts'

/** Keeps as many pods as it is told, and knows nothing of what they are at. */
export class ReplicaSet {
  /** All that there ever were. */
  readonly pods: Pod[] = []
  readonly #spec: PodSpec
  readonly #folder: string
  readonly #node: ClusterNode
  readonly #alive: Pod[] = []
  readonly #ending = new Set<Promise<void>>()
  #turn = 0

  /** `folder`: where those of its pods are made. */
  constructor(spec: PodSpec, folder: string, node: ClusterNode) {
    this.#spec = spec
    this.#folder = folder
    this.#node = node
  }

  /** Resolves when they are started, and told to end. */
  async scale(replicas: number): Promise<void> {
    while (this.#alive.length > replicas) this.#end()
    const missing = Array.from({ length: replicas - this.#alive.length }, (_, index) =>
      Pod.start(this.#spec, join(this.#folder, `${this.pods.length + index}`), this.#node),
    )
    const started = await Promise.all(missing)
    this.pods.push(...started)
    this.#alive.push(...started)
  }

  /** Resolves when all that were told to end have ended. */
  async settle(): Promise<void> {
    await Promise.all(this.#ending)
  }

  #end(): void {
    // Any of them: the young and the old, the idle and the busy.
    this.#turn += 7
    const [victim] = this.#alive.splice(this.#turn % this.#alive.length, 1)
    if (victim === undefined) return
    const ended = victim.delete().finally(() => this.#ending.delete(ended))
    this.#ending.add(ended)
  }
}
