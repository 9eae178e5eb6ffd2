import * as types from 'node:util/types'
import { MAX_DEPTH } from '@asya/protocol'
import { hasPlainPrototype, nameOfConstructor } from './plain-object.ts'

/**
 * Says why a value is no plain JSON, and where: `$.items[3].at: a Date does not survive JSON; return
 * an ISO string`. Runs only when the quick walk of `serialise` has refused the value.
 */
export function explainUnserialisable(value: unknown, path: string): string {
  return findCulprit(value, path, []) ?? `${path}: this value does not survive JSON`
}

function findCulprit(
  value: unknown,
  path: string,
  ancestors: readonly object[],
): string | undefined {
  const reason = explainLoss(value)
  if (reason !== undefined) return `${path}: ${reason}`
  if (typeof value !== 'object' || value === null) return undefined
  const seenAt = ancestors.indexOf(value)
  if (seenAt !== -1)
    return `${path}: a cycle does not survive JSON; this is the same object as ${ancestors.length - seenAt} above it`
  if (ancestors.length === MAX_DEPTH) return `${shorten(path)}: more than ${MAX_DEPTH} levels deep`
  const below = [...ancestors, value]
  return Array.isArray(value) ? findInArray(value, path, below) : findInObject(value, path, below)
}

function findInArray(
  items: readonly unknown[],
  path: string,
  ancestors: readonly object[],
): string | undefined {
  for (const [index, item] of items.entries()) {
    const itemPath = `${path}[${index}]`
    if (item === undefined) return `${itemPath}: undefined does not survive JSON; return null`
    const reason = findCulprit(item, itemPath, ancestors)
    if (reason !== undefined) return reason
  }
  return undefined
}

function findInObject(
  value: object,
  path: string,
  ancestors: readonly object[],
): string | undefined {
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    // Dropped, as JSON.stringify drops it.
    if (member === undefined) continue
    const reason = findCulprit(member, `${path}${writeName(name)}`, ancestors)
    if (reason !== undefined) return reason
  }
  return undefined
}

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/

function writeName(name: string): string {
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

/** The way down more than a hundred levels says less than its beginning. */
function shorten(path: string): string {
  return path.length > 80 ? `${path.slice(0, 80)}…` : path
}

/** Why this very value is lost; undefined when it is not, or only something inside it. */
function explainLoss(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value)
        ? undefined
        : `${value} does not survive JSON; return null or a string`
    case 'bigint':
      return 'a bigint does not survive JSON; return a string'
    case 'symbol':
      return 'a symbol does not survive JSON; return a string'
    case 'function':
      return 'a function does not survive JSON; leave it out'
    case 'undefined':
      return 'undefined does not survive JSON; return null'
    case 'object':
      return value === null || Array.isArray(value) ? undefined : explainObject(value)
  }
}

function explainObject(value: object): string | undefined {
  if (types.isDate(value)) return 'a Date does not survive JSON; return an ISO string'
  if (types.isMap(value)) return 'a Map does not survive JSON; return Object.fromEntries(map)'
  if (types.isSet(value)) return 'a Set does not survive JSON; return an array: [...set]'
  if (types.isRegExp(value)) return 'a RegExp does not survive JSON; return its source'
  if (types.isArrayBufferView(value) || types.isAnyArrayBuffer(value))
    return `${nameOfConstructor(value) || 'bytes'} does not survive JSON; return a base64 string`
  if (types.isPromise(value)) return 'a Promise does not survive JSON; await it'
  if (isError(value)) return 'an Error does not survive JSON; throw it, or return its message'
  if (hasPlainPrototype(value)) return undefined
  const name = nameOfConstructor(value)
  const subject = name === '' ? 'an instance of a class' : `an instance of ${name}`
  return `${subject} does not survive JSON; return a plain object`
}

/** Errors of another realm are no instances of this one's Error. */
function isError(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Error]'
}
