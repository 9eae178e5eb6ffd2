import type { KubeObject } from '../../kube/kube-object.ts'
import { readKey } from '../../kube/object-store.ts'
import type { Cluster, Event } from './cluster.ts'
import { NAMESPACES, type Kind } from './kinds.ts'
import { parseRow, type Row } from './table.ts'

/**
 * The garbage collector of Kubernetes:
 *
 * G1 An object whose owners are all gone is deleted; one that has an owner left loses the others.
 * G2 An owner that is deleted in the foreground goes after everything that belongs to it.
 * G3 An owner that is deleted as an orphan's takes its mark from what belonged to it.
 * G4 What stands in a namespace goes with it.
 *
 * It works after the request that caused it was answered, as the real one does.
 */
export class Collector {
  readonly #cluster: Cluster
  readonly #stopListening: () => void
  #isClosed = false

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#stopListening = cluster.listen((event) => {
      setImmediate(() => {
        if (!this.#isClosed) this.#see(event)
      })
    })
  }

  close(): void {
    this.#isClosed = true
    this.#stopListening()
  }

  #see({ kind, object, isGone }: Event): void {
    const { uid = '', deletionTimestamp } = object.metadata
    if (isGone) {
      if (kind.resource.plural === NAMESPACES.plural) this.#emptyNamespace(object.metadata.name)
      for (const [childKind, row] of this.#listOwned(uid)) this.#collect(childKind, row)
      this.#finishOwners(object)
      return
    }
    if (deletionTimestamp !== undefined) this.#end(kind, object)
    else if ((object.metadata.ownerReferences ?? []).length > 0)
      this.#collect(kind, { key: '', object })
  }

  /** G2, G3 */
  #end(kind: Kind, object: KubeObject): void {
    const finalizers = readFinalizers(object)
    const { uid = '' } = object.metadata
    const owned = this.#listOwned(uid)
    if (finalizers.includes('orphan')) {
      for (const [childKind, row] of owned) this.#disown(childKind, parseRow(row), new Set([uid]))
      this.#lift(kind, object, 'orphan')
    } else if (finalizers.includes('foregroundDeletion')) {
      for (const [childKind, row] of owned) this.#drop(childKind, parseRow(row))
      if (owned.length === 0) this.#lift(kind, object, 'foregroundDeletion')
    }
  }

  /** G2: the last one that belonged to them is gone. */
  #finishOwners(object: KubeObject): void {
    for (const { uid, apiVersion, kind: kindName, name } of object.metadata.ownerReferences ?? []) {
      const kind = this.#cluster.kinds.find(
        ({ resource }) => resource.apiVersion === apiVersion && resource.kind === kindName,
      )
      if (kind === undefined || this.#listOwned(uid).length > 0) continue
      const namespace = kind.resource.isNamespaced ? (object.metadata.namespace ?? '') : ''
      const owner = this.#cluster.get(kind, { namespace, name })
      if (owner?.metadata.uid === uid && readFinalizers(owner).includes('foregroundDeletion'))
        this.#lift(kind, owner, 'foregroundDeletion')
    }
  }

  /** G1 */
  #collect(kind: Kind, found: Row | { readonly key: string; readonly object: KubeObject }): void {
    const object = 'object' in found ? found.object : parseRow(found)
    const owners = object.metadata.ownerReferences ?? []
    const gone = owners.filter(({ uid }) => !this.#isThere(uid))
    if (gone.length === 0) return
    if (gone.length === owners.length) this.#drop(kind, object)
    else this.#disown(kind, object, new Set(gone.map(({ uid }) => uid)))
  }

  #drop(kind: Kind, object: KubeObject): void {
    const key = readKey(object)
    const now = this.#cluster.get(kind, key)
    if (now === undefined || now.metadata.uid !== object.metadata.uid) return
    if (readFinalizers(now).length === 0) this.#cluster.drop(kind, now)
    else if (now.metadata.deletionTimestamp === undefined) {
      const metadata = { ...now.metadata, deletionTimestamp: new Date().toISOString() }
      this.#cluster.put(kind, { ...now, metadata })
    }
  }

  #disown(kind: Kind, object: KubeObject, uids: ReadonlySet<string>): void {
    const now = this.#cluster.get(kind, readKey(object))
    if (now === undefined) return
    const ownerReferences = now.metadata.ownerReferences?.filter(({ uid }) => !uids.has(uid)) ?? []
    this.#cluster.put(kind, { ...now, metadata: { ...now.metadata, ownerReferences } })
  }

  /** Takes away a finalizer; when none is left the object goes. */
  #lift(kind: Kind, object: KubeObject, finalizer: string): void {
    const now = this.#cluster.get(kind, readKey(object))
    if (now === undefined) return
    const finalizers = readFinalizers(now).filter((each) => each !== finalizer)
    if (finalizers.length === 0) this.#cluster.drop(kind, now)
    else this.#cluster.put(kind, { ...now, metadata: { ...now.metadata, finalizers } })
  }

  #emptyNamespace(name: string): void {
    for (const kind of this.#cluster.kinds) {
      if (!kind.resource.isNamespaced) continue
      for (const row of [...this.#cluster.table(kind).all()]) {
        if (row.namespace === name) this.#cluster.drop(kind, parseRow(row))
      }
    }
  }

  #listOwned(uid: string): readonly (readonly [Kind, Row])[] {
    return this.#cluster.kinds.flatMap((kind) =>
      this.#cluster
        .table(kind)
        .listOwned(uid)
        .map((row) => [kind, row] as const),
    )
  }

  #isThere(uid: string): boolean {
    return this.#cluster.hasUid(uid)
  }
}

function readFinalizers({ metadata }: KubeObject): readonly string[] {
  return (metadata['finalizers'] ?? []) as readonly string[]
}
