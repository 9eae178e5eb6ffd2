import { useEffect, useState } from 'preact/hooks'

/** A value that parts of the page look at. */
export class Store<T> {
  #value: T
  readonly #watchers = new Set<(value: T) => void>()

  constructor(value: T) {
    this.#value = value
  }

  get value(): T {
    return this.#value
  }

  set(value: T): void {
    this.#value = value
    for (const tell of this.#watchers) tell(value)
  }

  watch(tell: (value: T) => void): () => void {
    this.#watchers.add(tell)
    return () => {
      this.#watchers.delete(tell)
    }
  }
}

/** The value of a store; the component is drawn anew when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(store.value)
  useEffect(() => {
    setValue(() => store.value)
    return store.watch((next) => setValue(() => next))
  }, [store])
  return value
}
