import { isRecord, readList, readRecord, readText, type DataRecord } from './data-record.ts'
import { lastPart } from './docs-model.ts'
import { escapeHtml, formatInline } from './html.ts'

/** A schema as a reader of code would write its type, in HTML; names lead to their types. */
export function formatType(schema: unknown): string {
  if (!isRecord(schema)) return schema === false ? 'nothing' : 'anything'
  const reference = readText(schema, '$ref')
  if (reference !== undefined) return linkType(lastPart(reference))
  if ('const' in schema) return formatValue(schema['const'])
  const values = readList(schema, 'enum')
  if (values.length > 0) return values.map(formatValue).join(' | ')
  const options = [...readList(schema, 'oneOf'), ...readList(schema, 'anyOf')]
  if (options.length > 0) return options.map(formatType).join(' | ')
  const parts = readList(schema, 'allOf')
  if (parts.length > 0) return parts.map(formatType).join(' &amp; ')
  const { type } = schema
  if (Array.isArray(type))
    return type.map((one: unknown) => formatType({ ...schema, type: one })).join(' | ')
  if (type === 'array') return formatArray(schema)
  if (type === 'object' && isRecord(schema['additionalProperties']) && !('properties' in schema))
    return `Record&lt;string, ${formatType(schema['additionalProperties'])}&gt;`
  return typeof type === 'string' ? escapeHtml(type) : 'anything'
}

function formatArray(schema: DataRecord): string {
  const { items } = schema
  if (Array.isArray(items)) return `[${items.map(formatType).join(', ')}]`
  const item = formatType(items)
  return item.includes(' | ') ? `(${item})[]` : `${item}[]`
}

function linkType(name: string): string {
  return `<a href="#type-${escapeHtml(name)}">${escapeHtml(name)}</a>`
}

function formatValue(value: unknown): string {
  return `<span class="value">${escapeHtml(JSON.stringify(value))}</span>`
}

/** The members of a schema, those of objects inside of it indented below them; empty for a scalar. */
export function formatMembers(schema: DataRecord): string {
  const rows = listRows(schema, 0)
  if (rows.length === 0) return ''
  return `<table class="members"><tbody>${rows.join('')}</tbody></table>`
}

const MAX_DEPTH = 6

function listRows(schema: DataRecord, depth: number): string[] {
  if (depth > MAX_DEPTH) return []
  const required = new Set(readList(schema, 'required'))
  return Object.entries(readRecord(schema, 'properties')).flatMap(([name, member]) => {
    if (!isRecord(member)) return []
    const mark = required.has(name) ? '' : '<span class="optional">?</span>'
    const about = [formatInline(readText(member, 'description') ?? ''), formatLimits(member)]
    const row =
      `<tr><th scope="row" style="--depth:${depth}"><code>${escapeHtml(name)}</code>${mark}</th>` +
      `<td><code>${formatType(member)}</code></td><td>${about.filter((text) => text !== '').join(' ')}</td></tr>`
    const inside = isRecord(member['items']) ? member['items'] : member
    return [row, ...listRows(inside, depth + 1)]
  })
}

const LIMITS: Readonly<Record<string, string>> = {
  minimum: '≥',
  exclusiveMinimum: '>',
  maximum: '≤',
  exclusiveMaximum: '<',
  multipleOf: 'a multiple of',
  minLength: 'at least this long:',
  maxLength: 'at most this long:',
  minItems: 'at least so many:',
  maxItems: 'at most so many:',
  pattern: 'matches',
  format: 'format',
  default: 'default',
}

function formatLimits(schema: DataRecord): string {
  const said = Object.entries(LIMITS).filter(([keyword]) => keyword in schema)
  const texts = said.map(([keyword, words]) => {
    const value = schema[keyword]
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `<span class="limit">${escapeHtml(words)} <code>${escapeHtml(text)}</code></span>`
  })
  const old = schema['deprecated'] === true ? '<span class="limit warn">deprecated</span>' : ''
  return [...texts, old].filter((text) => text !== '').join(' ')
}
