/** Gives its items in the order of their positions: push and pop take logarithmic time. */
export class Heap<T extends { readonly position: number }> {
  /** A binary tree in an array: no item is before its parent, at half its index. */
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  push(item: T): void {
    let index = this.#items.length
    this.#items.push(item)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#items[parentIndex]
      if (!parent || parent.position <= item.position) break
      this.#items[index] = parent
      index = parentIndex
    }
    this.#items[index] = item
  }

  pop(): T | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    if (last && this.#items.length > 0) this.#sink(last)
    return first
  }

  /** All items, in order; takes nothing out. */
  list(): readonly T[] {
    return this.#items.toSorted((one, other) => one.position - other.position)
  }

  /** Puts an item at the root and lets it sink below all that is before it. */
  #sink(item: T): void {
    let index = 0
    for (;;) {
      const childIndex = this.#firstChildOf(index)
      const child = this.#items[childIndex]
      if (!child || child.position >= item.position) break
      this.#items[index] = child
      index = childIndex
    }
    this.#items[index] = item
  }

  #firstChildOf(index: number): number {
    const left = index * 2 + 1
    const leftItem = this.#items[left]
    const rightItem = this.#items[left + 1]
    return leftItem && rightItem && rightItem.position < leftItem.position ? left + 1 : left
  }
}
