import type { Shape } from './form-shape.ts'

/**
 * What stands in a form: texts as they were typed, right or wrong. Numbers stay texts, so that what one
 * types is what is sent, digit by digit.
 */
export type Draft =
  /** An optional part that is not given. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'choice'; readonly index: number | undefined }
  | { readonly kind: 'object'; readonly members: Readonly<Record<string, Draft>> }
  | { readonly kind: 'array'; readonly items: readonly Draft[] }
  | { readonly kind: 'variant'; readonly index: number; readonly draft: Draft }
  | { readonly kind: 'json'; readonly text: string }

const ABSENT: Draft = { kind: 'absent' }

/** What a form begins with: the defaults of the schema, and nothing where there are none. */
export function beginDraft(shape: Shape): Draft {
  if (shape.initial !== undefined) {
    const draft = readDraft(shape, JSON.stringify(shape.initial))
    if (draft) return draft
  }
  switch (shape.kind) {
    case 'text':
    case 'number':
    case 'json':
      return { kind: shape.kind, text: '' }
    case 'boolean':
      return { kind: 'boolean', value: false }
    case 'choice':
      return { kind: 'choice', index: shape.values.length === 1 ? 0 : undefined }
    case 'object':
      return {
        kind: 'object',
        members: toMembers(
          shape.members.map(({ name, isRequired, shape: read }) => [
            name,
            isRequired ? beginDraft(read()) : beginOptional(read()),
          ]),
        ),
      }
    case 'array': {
      const items = Array.from({ length: Math.min(shape.minItems, 20) }, () =>
        beginDraft(shape.item()),
      )
      return { kind: 'array', items }
    }
    case 'variant': {
      const [first] = shape.options
      return { kind: 'variant', index: 0, draft: first ? beginDraft(first.shape()) : ABSENT }
    }
  }
}

/** Fields that may be left empty are shown; those with fields of their own when one asks for them. */
function beginOptional(shape: Shape): Draft {
  if (shape.initial !== undefined) return beginDraft(shape)
  const isField = shape.kind === 'text' || shape.kind === 'number' || shape.kind === 'choice'
  if (shape.kind === 'choice') return { kind: 'choice', index: undefined }
  return isField ? beginDraft(shape) : ABSENT
}

function toMembers(
  entries: readonly (readonly [string, Draft])[],
): Readonly<Record<string, Draft>> {
  return Object.fromEntries(entries)
}

export function memberOf(draft: Draft, name: string): Draft {
  if (draft.kind !== 'object' || !Object.hasOwn(draft.members, name)) return ABSENT
  return draft.members[name] ?? ABSENT
}

/** A JSON value with its numbers as they are written. */
type Source =
  | { readonly number: string }
  | string
  | boolean
  | null
  | readonly Source[]
  | { readonly object: Readonly<Record<string, Source>> }

/** Puts JSON into a form; undefined when the form cannot hold it. */
export function readDraft(shape: Shape, text: string): Draft | undefined {
  try {
    return fill(shape, parseSource(text))
  } catch {
    return undefined
  }
}

/** Throws where the text is no JSON. */
function parseSource(text: string): Source {
  const read = (_: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value === 'number') return { number: context?.source ?? String(value) }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return { object: value }
  }
  return JSON.parse(text, read) as Source
}

function fill(shape: Shape, source: Source): Draft | undefined {
  switch (shape.kind) {
    case 'text':
      // An empty text is what an optional field without a value looks like: the form cannot say it.
      return typeof source === 'string' && source !== ''
        ? { kind: 'text', text: source }
        : undefined
    case 'number':
      return isNumber(source) ? { kind: 'number', text: source.number } : undefined
    case 'boolean':
      return typeof source === 'boolean' ? { kind: 'boolean', value: source } : undefined
    case 'choice': {
      const text = writeSource(source)
      const index = shape.values.findIndex((value) => JSON.stringify(value) === text)
      return index < 0 ? undefined : { kind: 'choice', index }
    }
    case 'json':
      return { kind: 'json', text: writeSource(source) }
    case 'array': {
      if (!isList(source)) return undefined
      const items = source.map((item) => fill(shape.item(), item))
      return items.every((item) => item !== undefined) ? { kind: 'array', items } : undefined
    }
    case 'object':
      return fillObject(shape, source)
    case 'variant':
      for (const [index, option] of shape.options.entries()) {
        const draft = fill(option.shape(), source)
        if (draft) return { kind: 'variant', index, draft }
      }
      return undefined
  }
}

function fillObject(shape: Shape & { kind: 'object' }, source: Source): Draft | undefined {
  if (!isObject(source)) return undefined
  const { object } = source
  const known = new Set(shape.members.map(({ name }) => name))
  if (Object.keys(object).some((name) => !known.has(name))) return undefined
  const entries: [string, Draft][] = []
  for (const { name, shape: read, isRequired } of shape.members) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    const draft = value === undefined ? emptyMember(read(), isRequired) : fill(read(), value)
    if (!draft) return undefined
    entries.push([name, draft])
  }
  return { kind: 'object', members: toMembers(entries) }
}

/** What a form shows for a member that the JSON does not have. */
function emptyMember(shape: Shape, isRequired: boolean): Draft {
  const plain: Shape = { ...shape, initial: undefined }
  return isRequired ? beginDraft(plain) : beginOptional(plain)
}

function isNumber(source: Source): source is { readonly number: string } {
  return typeof source === 'object' && source !== null && 'number' in source
}

function isObject(source: Source): source is { readonly object: Readonly<Record<string, Source>> } {
  return typeof source === 'object' && source !== null && 'object' in source
}

function isList(source: Source): source is readonly Source[] {
  return Array.isArray(source)
}

function writeSource(source: Source): string {
  if (isNumber(source)) return source.number
  if (isList(source)) return `[${source.map(writeSource).join()}]`
  if (!isObject(source)) return JSON.stringify(source)
  const members = Object.entries(source.object)
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${writeSource(value)}`).join()}}`
}
