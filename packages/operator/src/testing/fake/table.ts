import type { KubeObject, ObjectKey } from '../../kube/kube-object.ts'
import { joinKey, readKey } from '../../kube/object-store.ts'
import { expired } from './status.ts'

/** An object as it was at one version, as text: there may be many. */
export interface Row {
  readonly key: string
  readonly text: string
  readonly version: number
  readonly uid: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly owners: readonly string[]
}

/** What happened to an object; `before` is undefined for a new one, `after` for one that is gone. */
export interface Change {
  readonly version: number
  readonly before: Row | undefined
  readonly after: Row | undefined
  /** The object, or what it was when it went. */
  readonly last: Row
}

export interface Page {
  readonly rows: readonly Row[]
  readonly version: number
  readonly continueToken: string | undefined
  readonly left: number
}

interface Snapshot {
  readonly version: number
  readonly rows: readonly Row[]
}

const MOST_CHANGES = 20_000
const MOST_SNAPSHOTS = 50

/** The objects of one kind, what happened to them lately, and who watches. */
export class Table {
  readonly #rows = new Map<string, Row>()
  readonly #byOwner = new Map<string, Set<string>>()
  readonly #listeners = new Set<(change: Change) => void>()
  readonly #snapshots = new Map<number, Snapshot>()
  #changes: Change[] = []
  /** What happened up to here is forgotten. */
  #forgotten = 0

  get size(): number {
    return this.#rows.size
  }

  get(key: ObjectKey): KubeObject | undefined {
    const row = this.#rows.get(joinKey(key))
    return row && parseRow(row)
  }

  all(): IterableIterator<Row> {
    return this.#rows.values()
  }

  listOwned(uid: string): readonly Row[] {
    return [...(this.#byOwner.get(uid) ?? [])].flatMap((key) => this.#rows.get(key) ?? [])
  }

  put(object: KubeObject, version: number): void {
    const key = joinKey(readKey(object))
    const before = this.#rows.get(key)
    const row = makeRow(object, version)
    if (before !== undefined) this.#disown(before)
    this.#rows.set(key, row)
    for (const uid of row.owners) {
      const owned = this.#byOwner.get(uid)
      if (owned === undefined) this.#byOwner.set(uid, new Set([key]))
      else owned.add(key)
    }
    this.#tell({ version, before, after: row, last: row })
  }

  /** The object is told as gone at this version. */
  drop(object: KubeObject, version: number): void {
    const row = makeRow(object, version)
    const before = this.#rows.get(row.key)
    if (before === undefined) return
    this.#disown(before)
    this.#rows.delete(row.key)
    this.#tell({ version, before, after: undefined, last: row })
  }

  /** In the order of their names, as etcd has them. Throws when the token's list is forgotten. */
  list(isWanted: (row: Row) => boolean, paging: Paging): Page {
    const { limit, token, version } = paging
    const { start, snapshot } =
      token === undefined
        ? { start: 0, snapshot: { version, rows: this.#sort(isWanted) } }
        : this.#resume(token)
    const end = limit > 0 ? start + limit : snapshot.rows.length
    const left = Math.max(0, snapshot.rows.length - end)
    if (left > 0) this.#keep(snapshot)
    return {
      rows: snapshot.rows.slice(start, end),
      version: snapshot.version,
      continueToken: left > 0 ? encodeToken(snapshot.version, end) : undefined,
      left,
    }
  }

  /** Whether everything that happened after this version is known still. */
  isKnownSince(version: number): boolean {
    return version >= this.#forgotten
  }

  changesSince(version: number): readonly Change[] {
    const from = this.#changes.findIndex((change) => change.version > version)
    return from < 0 ? [] : this.#changes.slice(from)
  }

  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Forgets what happened until now, as etcd does every five minutes. */
  compact(version: number): void {
    this.#changes = []
    this.#snapshots.clear()
    this.#forgotten = version
  }

  #sort(isWanted: (row: Row) => boolean): readonly Row[] {
    return [...this.#rows.values()]
      .filter(isWanted)
      .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
  }

  #resume(token: string): { start: number; snapshot: Snapshot } {
    const { version, start } = decodeToken(token)
    const snapshot = this.#snapshots.get(version)
    if (snapshot === undefined)
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
      )
    return { start, snapshot }
  }

  #keep(snapshot: Snapshot): void {
    this.#snapshots.set(snapshot.version, snapshot)
    for (const version of this.#snapshots.keys()) {
      if (this.#snapshots.size <= MOST_SNAPSHOTS) return
      this.#snapshots.delete(version)
    }
  }

  #tell(change: Change): void {
    this.#changes.push(change)
    if (this.#changes.length > MOST_CHANGES) {
      const gone = this.#changes.splice(0, MOST_CHANGES / 2)
      this.#forgotten = gone.at(-1)?.version ?? this.#forgotten
    }
    for (const listener of this.#listeners) listener(change)
  }

  #disown({ key, owners }: Row): void {
    for (const uid of owners) {
      const owned = this.#byOwner.get(uid)
      owned?.delete(key)
      if (owned?.size === 0) this.#byOwner.delete(uid)
    }
  }
}

interface Paging {
  /** 0: no limit. */
  readonly limit: number
  readonly token: string | undefined
  /** Of the whole server, now. */
  readonly version: number
}

export function parseRow({ text }: Row): KubeObject {
  return JSON.parse(text) as KubeObject
}

function makeRow(object: KubeObject, version: number): Row {
  const { uid = '', namespace = '', labels = {}, ownerReferences = [] } = object.metadata
  const metadata = { ...object.metadata, resourceVersion: String(version) }
  return {
    key: joinKey(readKey(object)),
    text: JSON.stringify({ ...object, metadata }),
    version,
    uid,
    namespace,
    labels,
    owners: ownerReferences.map((owner) => owner.uid),
  }
}

function encodeToken(version: number, start: number): string {
  return Buffer.from(JSON.stringify({ v: version, start })).toString('base64url')
}

function decodeToken(token: string): { version: number; start: number } {
  const { v, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
    v: number
    start: number
  }
  return { version: v, start }
}
