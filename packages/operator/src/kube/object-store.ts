import type { KubeObject, ObjectKey } from './kube-object.ts'

/**
 * The objects of one kind, as text: parsed they take many times the memory, and few of them are
 * looked at in a minute. Each is found by its key, and by the marks that `index` gives it.
 */
export class ObjectStore {
  readonly #index: Index
  readonly #entries = new Map<string, Entry>()
  /** Keys by mark, in arrays: most hold one key. */
  readonly #byMark = new Map<string, string[]>()

  constructor(index: Index = () => []) {
    this.#index = index
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: ObjectKey): KubeObject | undefined {
    const entry = this.#entries.get(joinKey(key))
    return entry && parse(entry)
  }

  /** In the order in which they came. */
  *keys(): IterableIterator<ObjectKey> {
    for (const text of this.#entries.keys()) yield splitKey(text)
  }

  listIndexed(mark: string): readonly KubeObject[] {
    return (this.#byMark.get(mark) ?? []).flatMap((text) => {
      const entry = this.#entries.get(text)
      return entry === undefined ? [] : [parse(entry)]
    })
  }

  /** The resourceVersion of what is kept. */
  getVersion(key: ObjectKey): string | undefined {
    return this.#entries.get(joinKey(key))?.version
  }

  /** Its marks, those that it had until now included. */
  set(object: KubeObject): readonly string[] {
    const key = joinKey(readKey(object))
    const before = this.#unmark(key)
    const marks = this.#index(object)
    const { resourceVersion: version = '' } = object.metadata
    this.#entries.set(key, { text: JSON.stringify(object), version, marks })
    for (const mark of marks) {
      const marked = this.#byMark.get(mark)
      if (marked === undefined) this.#byMark.set(mark, [key])
      else marked.push(key)
    }
    return [...new Set([...before, ...marks])]
  }

  /** The marks that it had; undefined if it was not there. */
  delete(key: ObjectKey): readonly string[] | undefined {
    const text = joinKey(key)
    const marks = this.#unmark(text)
    return this.#entries.delete(text) ? marks : undefined
  }

  #unmark(key: string): readonly string[] {
    const { marks = [] } = this.#entries.get(key) ?? {}
    for (const mark of marks) {
      const left = this.#byMark.get(mark)?.filter((each) => each !== key) ?? []
      if (left.length > 0) this.#byMark.set(mark, left)
      else this.#byMark.delete(mark)
    }
    return marks
  }
}

/** By what an object is to be found, beside its key: such as whom it belongs to. */
export type Index = (object: KubeObject) => readonly string[]

interface Entry {
  readonly text: string
  readonly version: string
  readonly marks: readonly string[]
}

function parse({ text }: Entry): KubeObject {
  return JSON.parse(text) as KubeObject
}

export function readKey({ metadata }: KubeObject): ObjectKey {
  return { namespace: metadata.namespace ?? '', name: metadata.name }
}

/** As logs and queues have it: `namespace/name`. Neither part can hold a slash. */
export function joinKey({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`
}

export function splitKey(text: string): ObjectKey {
  const slash = text.indexOf('/')
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}
