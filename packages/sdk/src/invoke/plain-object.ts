/** Objects of another realm (`node:vm`, test runners) have an Object.prototype of their own. */
export function hasPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return (
    typeof prototype === 'object' &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'constructor') &&
    nameOfConstructor(prototype) === 'Object'
  )
}

/** The name of a value's class; empty when it has none. */
export function nameOfConstructor(value: object): string {
  const { constructor } = value
  return typeof constructor === 'function' ? constructor.name : ''
}
