import type { KubeObject, ObjectKey } from '../kube/kube-object.ts'
import type { Status } from './make-status.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import type { Write } from './plan-writes.ts'

/** Where reconcile looks. */
export interface Caches {
  getActor(key: ObjectKey): StoredActor | undefined
  /** Those that carry the owner reference of the actor. */
  listChildren(actor: StoredActor): readonly KubeObject[]
  listPods(actor: StoredActor): readonly KubeObject[]
}

/** What reconcile does: each of these is one request to the API server. */
export interface Hands {
  /** What the API server keeps of it. Throws a KubeError. */
  apply(write: Exclude<Write, { type: 'delete' }>): Promise<KubeObject>
  remove(object: KubeObject): Promise<void>
  /** Undefined if there is none. */
  get(object: KubeObject): Promise<KubeObject | undefined>
  applyStatus(actor: StoredActor, status: Status): Promise<void>
  /** `before` is undefined the first time. */
  tell(actor: StoredActor, flip: { before: Status | undefined; after: Status }): void
}
