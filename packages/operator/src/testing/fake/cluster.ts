import type { KubeObject, ObjectKey } from '../../kube/kube-object.ts'
import {
  BUILT_IN_KINDS,
  DEFINITIONS,
  NAMESPACES,
  readDefinition,
  type Definition,
  type Kind,
} from './kinds.ts'
import { Table } from './table.ts'

/** What happened, for what plays the controllers. */
export interface Event {
  readonly kind: Kind
  readonly object: KubeObject
  readonly isGone: boolean
}

/**
 * What the fake holds.
 *
 * F1 Every write has a version of its own, above all before it, and is told to watchers in order.
 * F2 Objects change by `put` and `drop` alone; what they are given is kept as text.
 */
export class Cluster {
  readonly #kinds = new Map<string, Kind>()
  readonly #tables = new Map<string, Table>()
  readonly #listeners = new Set<(event: Event) => void>()
  readonly #uids = new Set<string>()
  #version = 1

  constructor() {
    for (const kind of BUILT_IN_KINDS) this.#serve(kind)
    for (const name of ['default', 'kube-system']) this.#makeNamespace(name)
  }

  get version(): number {
    return this.#version
  }

  get kinds(): readonly Kind[] {
    return [...this.#kinds.values()]
  }

  findKind(apiVersion: string, plural: string): Kind | undefined {
    return this.#kinds.get(`${apiVersion}/${plural}`)
  }

  table({ resource }: Kind): Table {
    const name = `${resource.apiVersion}/${resource.plural}`
    const found = this.#tables.get(name)
    if (found !== undefined) return found
    const table = new Table()
    this.#tables.set(name, table)
    return table
  }

  get(kind: Kind, key: ObjectKey): KubeObject | undefined {
    return this.table(kind).get(key)
  }

  hasNamespace(name: string): boolean {
    const kind = this.findKind('v1', NAMESPACES.plural)
    return kind !== undefined && this.get(kind, { namespace: '', name }) !== undefined
  }

  hasUid(uid: string): boolean {
    return this.#uids.has(uid)
  }

  /** As it is kept, with its new resourceVersion. */
  put(kind: Kind, object: KubeObject): KubeObject {
    this.#version += 1
    const resourceVersion = String(this.#version)
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion } }
    this.table(kind).put(kept, this.#version)
    this.#uids.add(kept.metadata.uid ?? '')
    if (kind.resource.plural === DEFINITIONS.plural) {
      // Read as far as it is needed.
      for (const defined of readDefinition(kept as unknown as Definition)) this.#serve(defined)
    }
    for (const listener of this.#listeners) listener({ kind, object: kept, isGone: false })
    return kept
  }

  drop(kind: Kind, object: KubeObject): void {
    this.#version += 1
    this.table(kind).drop(object, this.#version)
    this.#uids.delete(object.metadata.uid ?? '')
    for (const listener of this.#listeners) listener({ kind, object, isGone: true })
  }

  listen(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  compact(): void {
    for (const table of this.#tables.values()) table.compact(this.#version)
  }

  #serve(kind: Kind): void {
    const { apiVersion, plural } = kind.resource
    this.#kinds.set(`${apiVersion}/${plural}`, kind)
  }

  #makeNamespace(name: string): void {
    const kind = this.findKind('v1', NAMESPACES.plural)
    if (kind === undefined) return
    const { apiVersion } = NAMESPACES
    const uid = crypto.randomUUID()
    this.put(kind, { apiVersion, kind: 'Namespace', metadata: { name, uid } })
  }
}
