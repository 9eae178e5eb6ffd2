import type { Json, JsonSchema, JsonTypeName } from '../../model/model.ts'
import type { Problem } from '../../model/problem.ts'
import type { Doc, DocTag } from './type-reader.ts'
import { typesOf } from './union-schema.ts'

export interface DocUse {
  /** Of the type in its payload: `$.items[]`. */
  readonly path: string
  readonly resolve: (reference: JsonSchema) => JsonSchema | undefined
  readonly report: (problem: Problem) => void
  /** Whether a value fits, asked when everything was walked: undefined, or what does not. */
  readonly checkLater: (value: Json, schema: JsonSchema, complain: (why: string) => void) => void
}

type Parsed =
  { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly why: string }

/** A tag that narrows a type: which types it is for, and what it may say. */
interface Rule {
  readonly of: JsonTypeName
  readonly parse: (text: string) => Parsed
}

const RULES: Readonly<Record<string, Rule>> = {
  minimum: { of: 'number', parse: parseNumber },
  maximum: { of: 'number', parse: parseNumber },
  exclusiveMinimum: { of: 'number', parse: parseNumber },
  exclusiveMaximum: { of: 'number', parse: parseNumber },
  multipleOf: { of: 'number', parse: parsePositive },
  minLength: { of: 'string', parse: parseCount },
  maxLength: { of: 'string', parse: parseCount },
  pattern: { of: 'string', parse: parsePattern },
  format: { of: 'string', parse: parseFormat },
  minItems: { of: 'array', parse: parseCount },
  maxItems: { of: 'array', parse: parseCount },
  uniqueItems: { of: 'array', parse: parseFlag },
}

/** The lower and the upper end of what a pair of tags leaves over. */
const PAIRS = [
  ['minimum', 'maximum'],
  ['exclusiveMinimum', 'exclusiveMaximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
] as const

/**
 * Adds what a doc comment says: its text as the description, its tags as keywords. A tag that does
 * not fit the type is an error where its author can mend it, and left out.
 */
export function applyDoc(schema: JsonSchema, doc: Doc, use: DocUse): JsonSchema {
  if (doc.text === '' && doc.tags.length === 0) return schema
  const narrowed = narrow(schema, doc, use)
  const annotations = readAnnotations(narrowed, doc, use)
  // Draft-07 ignores what stands beside a reference: it is there for readers.
  if (narrowed.$ref !== undefined) return { ...narrowed, ...annotations }
  const { description, ...rest } = annotations
  return { ...(description === undefined ? {} : { description }), ...narrowed, ...rest }
}

const FIX = 'write what the tag takes, or leave it out'

function narrow(schema: JsonSchema, doc: Doc, use: DocUse): JsonSchema {
  const types = listTypes(schema, use.resolve)
  const keywords: Record<string, Json> = {}
  let isInteger = false
  for (const tag of doc.tags) {
    const rule = Object.hasOwn(RULES, tag.name) ? RULES[tag.name] : undefined
    if (rule === undefined && !isIntegerTag(tag)) continue
    const of = rule?.of ?? 'number'
    if (!types.has(of)) {
      reportMisplaced(tag, of, { types, use })
    } else if (rule === undefined) {
      isInteger = true
    } else {
      const parsed = rule.parse(tag.text)
      if (parsed.ok) keywords[tag.name] = parsed.value
      else
        report(tag, use, {
          message: `@${tag.name} ${parsed.why}: ${tag.text || 'nothing'}`,
          fix: FIX,
        })
    }
  }
  reportEmptyRange(keywords, doc, use)
  const whole = isInteger ? toInteger(schema) : schema
  return Object.keys(keywords).length === 0 ? whole : addKeywords(whole, keywords)
}

function addKeywords(whole: JsonSchema, keywords: JsonSchema): JsonSchema {
  const [first, second, third] = whole.anyOf ?? []
  if (first !== undefined && second?.type === 'null' && third === undefined) {
    return { ...whole, anyOf: [addKeywords(first, keywords), second] }
  }
  return whole.$ref === undefined ? { ...whole, ...keywords } : { allOf: [whole], ...keywords }
}

/** `@integer`, and what it is called elsewhere. */
function isIntegerTag({ name, text }: DocTag): boolean {
  return name === 'integer' || (/^(?:type|asType)$/.test(name) && /^\{?integer\}?$/.test(text))
}

function toInteger(schema: JsonSchema): JsonSchema {
  const types = typesOf(schema)
  if (!types.includes('number')) return { allOf: [schema], multipleOf: 1 }
  const whole = types.map((type) => (type === 'number' ? 'integer' : type))
  const [first, second] = whole
  return { ...schema, type: second === undefined ? (first ?? 'integer') : whole }
}

function readAnnotations(schema: JsonSchema, doc: Doc, use: DocUse): JsonSchema {
  const deprecated = doc.tags.find(({ name }) => name === 'deprecated')
  const why =
    deprecated === undefined || deprecated.text === '' ? '' : `Deprecated: ${deprecated.text}`
  const description = [doc.text, why].filter((text) => text !== '').join('\n\n')
  const defaults = readValues(schema, 'default', { doc, use })
  const examples = readValues(schema, 'example', { doc, use })
  const [defaultValue] = defaults
  return {
    ...(description === '' ? {} : { description }),
    ...(deprecated === undefined ? {} : { deprecated: true }),
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
    ...(examples.length === 0 ? {} : { examples }),
  }
}

function readValues(
  schema: JsonSchema,
  name: 'default' | 'example',
  { doc, use }: { doc: Doc; use: DocUse },
): readonly Json[] {
  const types = listTypes(schema, use.resolve)
  const values: Json[] = []
  for (const tag of doc.tags) {
    if (tag.name !== name) continue
    const value = parseValue(tag.text, types)
    if (value === undefined) {
      // Several lines are an example for people, of how something is called.
      const severity = name === 'example' && tag.text.includes('\n') ? 'warning' : 'error'
      const message = `@${name} is no JSON: ${tag.text.split('\n')[0] || 'nothing'}`
      report(tag, use, { message, severity, fix: 'write the value as JSON' })
      continue
    }
    values.push(value)
    use.checkLater(value, schema, (why) => {
      report(tag, use, {
        message: `@${name} ${tag.text} does not fit: ${why}`,
        fix: 'write a value that the type takes',
      })
    })
  }
  return values
}

/** JSON, in a fence or not; a text needs no quotes. */
function parseValue(text: string, types: ReadonlySet<JsonTypeName>): Json | undefined {
  const fenced = /^```(?:json)?\n([\s\S]*?)\n?```$/.exec(text)?.[1] ?? text
  const isText = types.has('string')
  const parsed = parseJson(fenced)
  if (
    parsed !== undefined &&
    (typeof parsed === 'string' || !isText || types.has(typeOf(parsed)))
  ) {
    return parsed
  }
  if (!isText || text === '' || text.includes('\n')) return parsed
  return /^(['`])(.*)\1$/.exec(text)?.[2] ?? text
}

function parseJson(text: string): Json | undefined {
  try {
    // JSON.parse gives JSON, whatever its type says.
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function typeOf(value: Json): JsonTypeName {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  if (type === 'string' || type === 'number' || type === 'boolean') return type
  return 'object'
}

/** Every kind of value that a schema takes; `number` stands for integers too. */
function listTypes(schema: JsonSchema, resolve: DocUse['resolve']): ReadonlySet<JsonTypeName> {
  const known = schema.$ref === undefined ? schema : resolve(schema)
  if (known === undefined) return new Set()
  const parts = [...(known.anyOf ?? []), ...(known.oneOf ?? []), ...(known.allOf ?? [])]
  const types = typesOf(known).map((type) => (type === 'integer' ? 'number' : type))
  return new Set([...types, ...parts.flatMap((part) => [...listTypes(part, resolve)])])
}

function parseNumber(text: string): Parsed {
  const [word = ''] = text.split(/\s/)
  const value = Number(word)
  if (word === '' || !Number.isFinite(value)) return { ok: false, why: 'needs a number' }
  return { ok: true, value }
}

function parsePositive(text: string): Parsed {
  const parsed = parseNumber(text)
  if (parsed.ok && Number(parsed.value) <= 0) return { ok: false, why: 'needs a number above 0' }
  return parsed
}

function parseCount(text: string): Parsed {
  const parsed = parseNumber(text)
  const isCount = parsed.ok && Number.isSafeInteger(parsed.value) && Number(parsed.value) >= 0
  return isCount ? parsed : { ok: false, why: 'needs a whole number' }
}

/** As ajv reads patterns: with the `u` flag. */
function parsePattern(text: string): Parsed {
  const source = /^`(.*)`$/.exec(text)?.[1] ?? text
  if (source === '') return { ok: false, why: 'needs a regular expression' }
  try {
    new RegExp(source, 'u')
  } catch {
    return { ok: false, why: 'is no regular expression' }
  }
  return { ok: true, value: source }
}

function parseFormat(text: string): Parsed {
  if (/^[a-z][\w-]*$/i.test(text)) return { ok: true, value: text }
  return { ok: false, why: 'needs the name of a format, such as date-time' }
}

function parseFlag(text: string): Parsed {
  if (text === '' || text === 'true') return { ok: true, value: true }
  if (text === 'false') return { ok: true, value: false }
  return { ok: false, why: 'needs true, false or nothing' }
}

const KIND_NAMES: Readonly<Record<JsonTypeName, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a number',
  boolean: 'a boolean',
  null: 'null',
  object: 'an object',
  array: 'an array',
}

function reportMisplaced(
  tag: DocTag,
  of: JsonTypeName,
  { types, use }: { types: ReadonlySet<JsonTypeName>; use: DocUse },
): void {
  // What several kinds of value are, in the order of the alphabet.
  const given = [...types].map((type) => KIND_NAMES[type]).sort()
  const message = `@${tag.name} is for ${KIND_NAMES[of]}, and stands on ${given.join(' or ')}`
  report(tag, use, { message, fix: 'leave it out, or put it where such a value is' })
}

function reportEmptyRange(keywords: Record<string, Json>, doc: Doc, use: DocUse): void {
  for (const [low, high] of PAIRS) {
    const [from, to] = [keywords[low], keywords[high]]
    const tag = doc.tags.find(({ name }) => name === high)
    if (typeof from !== 'number' || typeof to !== 'number' || tag === undefined || from <= to)
      continue
    report(tag, use, {
      message: `@${high} ${to} is below @${low} ${from}, so that no value fits`,
      fix: 'change one of the two',
    })
  }
}

interface Complaint {
  readonly message: string
  readonly fix: string
  readonly severity?: Problem['severity']
}

/** What stands in a library is not the author's to mend. */
function report({ span }: DocTag, use: DocUse, complaint: Complaint): void {
  if (!span.isOwn) return
  use.report({
    code: 'doc-tag',
    severity: 'error',
    ...complaint,
    position: span.start,
    end: span.end,
    path: use.path,
  })
}
