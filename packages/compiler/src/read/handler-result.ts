import { ts } from 'ts-morph'
import type { Cardinality } from '../model/model.ts'

/** What one call of a handler gives, before it is taken apart into messages. */
export interface HandlerResult {
  readonly cardinality: Cardinality
  /** What each of its messages carries; never: there is none. */
  readonly items: readonly ts.Type[]
}

/** The type of a handler's own result, promises awaited: `OutputOf` of the SDK, and how many. */
export function readResult(result: ts.Type, checker: ts.TypeChecker): HandlerResult {
  const members = listMembers(result).flatMap((member) => {
    const awaited = checker.getAwaitedType(member) ?? member
    return listMembers(awaited)
  })
  let isEnding = false
  let isFanOut = false
  const items: ts.Type[] = []
  for (const member of members) {
    const item = readItem(member, checker)
    if (item) isFanOut = true
    if (isNothing(member)) isEnding = true
    else items.push(item ?? member)
  }
  return { cardinality: countMessages(items.length > 0, isFanOut, isEnding), items }
}

function countMessages(hasItems: boolean, isFanOut: boolean, isEnding: boolean): Cardinality {
  if (!hasItems) return 'none'
  if (isFanOut) return 'many'
  return isEnding ? 'optional' : 'one'
}

function listMembers(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type]
}

const NOTHING = ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never

function isNothing(type: ts.Type): boolean {
  return (type.flags & NOTHING) !== 0
}

/** What a list, an async iterable or an iterator holds; undefined when it is none of them. */
function readItem(type: ts.Type, checker: ts.TypeChecker): ts.Type | undefined {
  if ((type.flags & ts.TypeFlags.Object) === 0) return undefined
  if (checker.isArrayType(type) || checker.isTupleType(type))
    return checker.getIndexTypeOfType(type, ts.IndexKind.Number)
  // Generators have `next`; async iterables have the method that makes one of it.
  const opener = checker
    .getPropertiesOfType(type)
    .find(({ escapedName }) => String(escapedName).startsWith('__@asyncIterator@'))
  const iterator = opener ? resultOf(checker.getTypeOfSymbol(opener), checker) : type
  const next = iterator?.getProperty('next')
  const step = next && resultOf(checker.getTypeOfSymbol(next), checker)
  const awaited = step && (checker.getAwaitedType(step) ?? step)
  return awaited && readYield(awaited, checker)
}

function resultOf(method: ts.Type, checker: ts.TypeChecker): ts.Type | undefined {
  const [signature] = checker.getSignaturesOfType(method, ts.SignatureKind.Call)
  return signature && checker.getReturnTypeOfSignature(signature)
}

/** `value` of `IteratorYieldResult`, which is the one that is not done. */
function readYield(step: ts.Type, checker: ts.TypeChecker): ts.Type | undefined {
  for (const member of listMembers(step)) {
    const done = member.getProperty('done')
    const value = member.getProperty('value')
    if (!done || !value) continue
    if (checker.typeToString(checker.getTypeOfSymbol(done)) !== 'true')
      return checker.getTypeOfSymbol(value)
  }
  return undefined
}
