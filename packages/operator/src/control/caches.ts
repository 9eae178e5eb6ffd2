import { ACTOR_LABEL, CHILD_RESOURCES } from '../desired/index.ts'
import { ASYNC_ACTORS, PODS } from '../kube/resources.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { KubeObject, ObjectKey, Resource } from '../kube/kube-object.ts'
import { joinKey, readKey } from '../kube/object-store.ts'
import { Reflector } from '../kube/reflector.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import type { Caches } from '../reconcile/surroundings.ts'
import { KEDA_API_VERSION } from './platform-facts.ts'
import { trimPod } from './trim-pod.ts'

export interface CachesOptions {
  readonly client: KubeClient
  /** Empty: all. */
  readonly namespaces: readonly string[]
  /** This object of this actor, or itself, changed: `namespace/name`, `kind/name`. */
  readonly onChange: (actor: string, object: string) => void
  readonly onFailure: (resource: Resource, error: unknown, waitMs: number) => void
}

/**
 * What the operator knows of the cluster: actors, their children and their pods, each kept up to date
 * by a reflector for each namespace that is watched. Everything is found by the actor that it belongs
 * to.
 *
 * Kinds of KEDA are followed only while there is KEDA: without it their lists would fail for ever.
 */
export class ActorCaches implements Caches {
  readonly #options: CachesOptions
  readonly #actors: readonly Reflector[]
  readonly #pods: readonly Reflector[]
  readonly #children: readonly Reflector[]
  #ofKeda: readonly Reflector[] = []

  constructor(options: CachesOptions) {
    this.#options = options
    const isOfKeda = ({ apiVersion }: Resource): boolean => apiVersion === KEDA_API_VERSION
    this.#actors = this.#follow(ASYNC_ACTORS, { index: (actor) => [joinKey(readKey(actor))] })
    this.#pods = this.#follow(PODS, { ...MANAGED, index: listLabelled, trim: trimPod })
    this.#children = CHILD_RESOURCES.filter((resource) => !isOfKeda(resource)).flatMap((resource) =>
      this.#follow(resource, { ...MANAGED, index: listOwners }),
    )
  }

  /** Resolves when everything is known once. */
  async start(): Promise<void> {
    const all = [...this.#actors, ...this.#pods, ...this.#children]
    for (const reflector of all) reflector.start()
    await Promise.all(all.map((reflector) => reflector.whenSynced()))
  }

  /** KEDA has been installed, or removed. Resolves when its kinds are known. */
  async followKeda(isThere: boolean): Promise<void> {
    const before = this.#ofKeda
    if (isThere === before.length > 0) return
    this.#ofKeda = isThere ? this.#followKedaKinds() : []
    await Promise.all(before.map((reflector) => reflector.close()))
    for (const reflector of this.#ofKeda) reflector.start()
    await Promise.all(this.#ofKeda.map((reflector) => reflector.whenSynced()))
  }

  /** `namespace/name` of all actors. */
  *listActors(): IterableIterator<string> {
    for (const { store } of this.#actors) for (const key of store.keys()) yield joinKey(key)
  }

  getActor(key: ObjectKey): StoredActor | undefined {
    for (const { store } of this.#actors) {
      const found = store.get(key)
      // Of its type by its own CRD.
      if (found !== undefined) return found as unknown as StoredActor
    }
    return undefined
  }

  listChildren(actor: StoredActor): readonly KubeObject[] {
    const key = joinKey(actor.metadata)
    const { uid } = actor.metadata
    return [...this.#children, ...this.#ofKeda]
      .flatMap(({ store }) => store.listIndexed(key))
      .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
  }

  listPods(actor: StoredActor): readonly KubeObject[] {
    const key = joinKey(actor.metadata)
    return this.#pods.flatMap(({ store }) => store.listIndexed(key))
  }

  async close(): Promise<void> {
    const all = [...this.#actors, ...this.#pods, ...this.#children, ...this.#ofKeda]
    await Promise.all(all.map((reflector) => reflector.close()))
  }

  #followKedaKinds(): readonly Reflector[] {
    return CHILD_RESOURCES.filter(({ apiVersion }) => apiVersion === KEDA_API_VERSION).flatMap(
      (resource) => this.#follow(resource, { ...MANAGED, index: listOwners }),
    )
  }

  #follow(resource: Resource, kind: Followed): readonly Reflector[] {
    const { client, namespaces, onChange, onFailure } = this.#options
    const scopes = namespaces.length === 0 ? [undefined] : namespaces
    return scopes.map(
      (namespace) =>
        new Reflector({
          ...kind,
          client,
          resource,
          namespace,
          onChange: ({ name }, actors) => {
            for (const actor of actors) onChange(actor, `${resource.kind}/${name}`)
          },
          onFailure: (error, waitMs) => onFailure(resource, error, waitMs),
        }),
    )
  }
}

interface Followed {
  readonly labelSelector?: string
  readonly index: (object: KubeObject) => readonly string[]
  readonly trim?: (object: KubeObject) => KubeObject
}

const MANAGED = { labelSelector: 'app.kubernetes.io/managed-by=asya-operator' }

function listOwners({ metadata }: KubeObject): readonly string[] {
  const { namespace = '', ownerReferences = [] } = metadata
  return ownerReferences
    .filter(({ kind }) => kind === 'AsyncActor')
    .map(({ name }) => joinKey({ namespace, name }))
}

function listLabelled({ metadata }: KubeObject): readonly string[] {
  const name = metadata.labels?.[ACTOR_LABEL]
  return name === undefined ? [] : [joinKey({ namespace: metadata.namespace ?? '', name })]
}
