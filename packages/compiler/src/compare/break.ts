import type { Json, JsonSchema } from '../model/model.ts'
import { VALUE_TYPES, type Alternative, type ValueType } from './alternatives.ts'
import { isInteger } from './bounds.ts'

/** A place at which a reader refuses, or may refuse, what a writer writes. */
export interface Break {
  /** `$.items[].at`: `[]` is every item, `[0]` a place of a tuple, `.*` every other member. */
  readonly path: string
  /** `false`: it cannot be told. */
  readonly isCertain: boolean
  /** Goes on after "it": `may be null`, `may be missing`. */
  readonly writes: string
  /** A sentence of its own: `it must be a string`. */
  readonly takes: string
  /** A value for this place that is written and refused, when one was easily found. */
  readonly example?: Json | undefined
}

export function refuse(path: string, writes: string, takes: string): Break {
  return { path, isCertain: true, writes, takes }
}

export function doubt(path: string, writes: string, takes: string): Break {
  return { path, isCertain: false, writes, takes }
}

/** `1 item`, `2 items` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

const MAX_LISTED = 6

export function listValueTexts(values: readonly Json[]): string {
  const texts = values.slice(0, MAX_LISTED).map((value) => JSON.stringify(value))
  if (values.length > MAX_LISTED) return `${texts.join(', ')}, …`
  return joinWords(texts)
}

/** `a string`, `one of "a" and "b"`, `a whole number`. */
export function nameAlternative({ type, schemas, values }: Alternative): string {
  if (values && type !== 'null' && !(type === 'boolean' && values.length === 2))
    return values.length === 1 ? listValueTexts(values) : `one of ${listValueTexts(values)}`
  if (type === 'number' && isInteger(schemas)) return 'a whole number'
  return (type === 'object' ? nameObject(schemas) : undefined) ?? TYPE_NAMES[type]
}

/** All of them: `a string, or null`. */
export function nameAlternatives(alternatives: readonly Alternative[]): string {
  const names = [...new Set(alternatives.map(nameAlternative))]
  const isAnything = VALUE_TYPES.every((type) => alternatives.some((one) => one.type === type))
  return isAnything ? 'anything' : joinWords(names, 'or')
}

const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  null: 'null',
  boolean: 'a boolean',
  number: 'a number',
  string: 'a string',
  array: 'an array',
  object: 'an object',
}

/** By the name of its type, else by a member that has one value: `an object whose kind is "spam"`. */
function nameObject(schemas: readonly JsonSchema[]): string | undefined {
  // Of an option the name of the union comes first, its own last.
  const title = schemas.findLast((schema) => schema.title !== undefined)?.title
  if (title !== undefined) return title
  for (const { properties = {} } of schemas)
    for (const [name, { const: value }] of Object.entries(properties))
      if (value !== undefined) return `an object whose ${name} is ${JSON.stringify(value)}`
  return undefined
}

function joinWords(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`
}
