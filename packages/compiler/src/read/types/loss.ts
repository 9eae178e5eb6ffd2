import type { PlainKind, Property, TypeName, TypeReader } from './type-reader.ts'

/** Why a type does not survive JSON, in the words of the SDK's own check, and what to do instead. */
export interface Loss {
  readonly reason: string
  readonly fix: string
}

/** Kinds that are lost whatever they hold. */
const LOST_KINDS: Partial<Record<PlainKind, Loss>> = {
  any: { reason: 'any hides what travels', fix: 'write its type, or Json' },
  unknown: { reason: 'unknown hides what travels', fix: 'write its type, or Json' },
  'any-object': { reason: 'object hides what travels', fix: 'write its type' },
  never: { reason: 'never has no value', fix: 'write its type, or leave it out' },
  void: { reason: 'void does not survive JSON', fix: 'use null' },
  undefined: { reason: 'undefined does not survive JSON', fix: 'use null' },
  bigint: { reason: 'a bigint does not survive JSON', fix: 'use a string' },
  symbol: { reason: 'a symbol does not survive JSON', fix: 'use a string' },
  function: { reason: 'a function does not survive JSON', fix: 'leave it out' },
}

/** What a record has that stands for one of these, whoever declared it. In the SDK's order. */
const LOST_RECORDS: readonly { readonly members: readonly string[]; readonly loss: Loss }[] = [
  {
    members: ['getTime', 'toISOString', 'toJSON'],
    loss: { reason: 'a Date does not survive JSON', fix: 'use an ISO string' },
  },
  {
    members: ['exec', 'source', 'flags'],
    loss: { reason: 'a RegExp does not survive JSON', fix: 'use its source' },
  },
  {
    members: ['buffer', 'byteLength', 'byteOffset'],
    loss: { reason: 'bytes do not survive JSON', fix: 'use a base64 string' },
  },
  {
    members: ['byteLength', 'slice'],
    loss: { reason: 'bytes do not survive JSON', fix: 'use a base64 string' },
  },
  {
    members: ['get', 'has', 'forEach', 'size'],
    loss: { reason: 'a Map does not survive JSON', fix: 'use an object' },
  },
  {
    members: ['has', 'forEach', 'size'],
    loss: { reason: 'a Set does not survive JSON', fix: 'use an array' },
  },
  {
    members: ['then'],
    loss: { reason: 'a Promise does not survive JSON', fix: 'await it' },
  },
]

const LOST_ITERATOR: Loss = { reason: 'an iterator does not survive JSON', fix: 'use an array' }

const LOST_CONVERTIBLE: Loss = {
  reason: 'an object with toJSON does not survive JSON',
  fix: 'use what it turns into',
}

/** Its members are not enumerable: what is left is `{}`. */
const LOST_ERROR: Loss = { reason: 'an Error does not survive JSON', fix: 'use its message' }

export function findKindLoss(kind: PlainKind, typeText: string): Loss | undefined {
  if (kind === 'unresolved') {
    return { reason: `${typeText} depends on a type that is not known here`, fix: 'write its type' }
  }
  return LOST_KINDS[kind]
}

/** Members that are values, such as a `size: number`, make no Map: those of one can be called. */
export function findRecordLoss(
  name: TypeName | undefined,
  properties: readonly Property[],
  types: TypeReader,
): Loss | undefined {
  const isIterable = properties.some(({ key }) => key === 'iterator')
  const named = new Map(properties.map((property) => [property.name, property]))
  const isCallable = (name: string) => {
    const property = named.get(name)
    return property !== undefined && types.shapeOf(property.type).kind === 'function'
  }
  const lost = LOST_RECORDS.find(
    ({ members }) =>
      members.every((name) => named.has(name)) &&
      (members.some(isCallable) || named.get('buffer')?.isHidden === false),
  )
  if (lost !== undefined) return lost.loss
  if (isIterable) return LOST_ITERATOR
  if (isCallable('toJSON')) return LOST_CONVERTIBLE
  if (name?.isLibrary !== true) return undefined
  if (name.name.endsWith('Error')) return LOST_ERROR
  const isMachine = properties.some((property) => isCallable(property.name))
  return isMachine
    ? { reason: `${name.name} does not survive JSON`, fix: 'use what it holds' }
    : undefined
}
