import { KeyedQueue } from '../control/keyed-queue.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { KubeObject, Resource } from '../kube/kube-object.ts'
import { joinKey, readKey, splitKey } from '../kube/object-store.ts'
import { Reflector } from '../kube/reflector.ts'
import { DEPLOYMENTS, PODS, STATEFUL_SETS } from '../kube/resources.ts'

/**
 * What makes pods of workloads where there is no controller manager: as many as the spec says, all of
 * them running at once. Rollouts and failures it knows none.
 */
export class FakeControllers {
  readonly #client: KubeClient
  readonly #parts: readonly { readonly close: () => Promise<void> }[]

  private constructor(client: KubeClient) {
    this.#client = client
    this.#parts = [DEPLOYMENTS, STATEFUL_SETS].flatMap((resource) => this.#control(resource))
  }

  static start(client: KubeClient): FakeControllers {
    return new FakeControllers(client)
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.close()))
    this.#client.close()
  }

  #control(resource: Resource) {
    const queue = new KeyedQueue({
      concurrency: 4,
      work: async (key) => {
        await this.#act(resource, key)
        return { next: 'done' }
      },
      onFailure: () => undefined,
    })
    const reflector = new Reflector({
      client: this.#client,
      resource,
      index: () => [],
      onChange: (key) => queue.add(joinKey(key)),
    })
    reflector.start()
    return [reflector, queue]
  }

  async #act(resource: Resource, key: string): Promise<void> {
    const workload = await this.#client.get(resource, splitKey(key))
    if (workload === undefined) return
    const { replicas = 1, template } = workload['spec'] as { replicas?: number; template: Template }
    const { name, namespace = '', uid = '', generation } = workload.metadata
    const labelSelector = Object.entries(template.metadata.labels ?? {})
      .map((pair) => pair.join('='))
      .join()
    const { items } = await this.#client.list(PODS, { namespace, labelSelector })
    const owner = { apiVersion: resource.apiVersion, kind: resource.kind, name, uid }
    for (let index = items.length; index < replicas; index += 1) {
      await this.#makePod({ ...template, ordinal: index, namespace, owner })
    }
    for (const pod of items.slice(replicas)) await this.#client.remove(PODS, readKey(pod))
    const status = {
      observedGeneration: generation,
      replicas,
      readyReplicas: replicas,
      updatedReplicas: replicas,
    }
    const { apiVersion, kind } = workload
    const metadata = { name, namespace }
    await this.#client.apply(
      resource,
      { apiVersion, kind, metadata, status },
      { manager: 'fake-controllers', subresource: 'status' },
    )
  }

  async #makePod(parts: PodParts): Promise<void> {
    const { owner, ordinal, namespace, spec } = parts
    const name = `${owner.name}-${owner.uid.slice(0, 8)}-${String(ordinal)}`
    const { labels } = parts.metadata
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, ...(labels && { labels }), ownerReferences: [owner] },
    }
    const manager = 'fake-controllers'
    await this.#client.apply(PODS, { ...pod, spec }, { manager })
    const ready = (container: { name: string }) => ({ name: container.name, ready: true })
    const status = {
      conditions: [{ type: 'PodScheduled', status: 'True' }],
      containerStatuses: spec.containers.map(ready),
      initContainerStatuses: (spec.initContainers ?? []).map(ready),
    }
    await this.#client.apply(PODS, { ...pod, status }, { manager, subresource: 'status' })
  }
}

interface Template {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> }
  readonly spec: {
    readonly containers: readonly { readonly name: string }[]
    readonly initContainers?: readonly { readonly name: string }[]
  }
}

interface PodParts extends Template {
  readonly owner: {
    readonly apiVersion: string
    readonly kind: string
    readonly name: string
    readonly uid: string
  }
  readonly ordinal: number
  readonly namespace: string
}
