import { stringify } from 'yaml'
import type { Json } from '../model/model.ts'

/**
 * Writes plain data as YAML in block style, as readers of YAML 1.1 understand it too: `on`, `12:30` and
 * dates are quoted. Members that are undefined are left out; there are no anchors.
 *
 * Whether a text needs quotes is the `yaml` package's to say, once for each text: to let it lay out
 * whole documents took longer than everything else in a build of many actors.
 */
export function writeYaml(value: object): string {
  return `${layOut(value as Json, '').trimStart()}\n`
}

/** Begins with a line break, or with the blank before a scalar. */
function layOut(value: Json, indent: string): string {
  if (typeof value !== 'object' || value === null) return ` ${writeScalar(value, indent)}`
  if (Array.isArray(value)) return layOutList(value as readonly Json[], indent)
  const members = Object.entries(value as Readonly<Record<string, Json | undefined>>)
  const lines = members.flatMap(([name, member]) =>
    member === undefined ? [] : [`\n${indent}${writeLine(name)}:${layOut(member, `${indent}  `)}`],
  )
  return lines.length === 0 ? ' {}' : lines.join('')
}

function layOutList(items: readonly Json[], indent: string): string {
  if (items.length === 0) return ' []'
  return items.map((item) => `\n${indent}-${layOutItem(item, `${indent}  `)}`).join('')
}

/** The first line of an item stands beside its dash. */
function layOutItem(item: Json, indent: string): string {
  const text = layOut(item, indent)
  return text.startsWith('\n') ? ` ${text.slice(1 + indent.length)}` : text
}

function writeScalar(value: string | number | boolean | null, indent: string): string {
  // With a point, or YAML 1.1 takes an exponent for a text.
  if (typeof value === 'number') return String(value).replace(/^(-?\d+)e/, '$1.0e')
  if (typeof value !== 'string') return String(value)
  // The lines of a block; what is between them stays empty.
  if (isBlock(value)) return `|-\n${value}`.replaceAll(/\n(?=[^\n])/g, `\n${indent}`)
  return writeLine(value)
}

/** Texts of several lines, unless a reader could mistake where one begins or ends. */
function isBlock(value: string): boolean {
  return value.includes('\n') && !/^\s|\s$|\n[^\S\n]+(?:\n|$)/.test(value) && !ODD.test(value)
}

const ODD = /[\t\r\u007f-\u009f\u2028\u2029\ufeff]|\p{Cc}(?<!\n)|\p{Cs}/u

/** What was written before: names and words come again and again. */
const written = new Map<string, string>()
const MAX_WRITTEN = 20_000

function writeLine(value: string): string {
  const known = written.get(value)
  if (known !== undefined) return known
  if (written.size === MAX_WRITTEN) written.clear()
  const isPlain = !value.includes('\n') && !ODD.test(value) && !/^\s|\s$/.test(value)
  const text = isPlain ? stringify(value, LINE_OPTIONS).trimEnd() : escape(value)
  written.set(value, text)
  return text
}

const LINE_OPTIONS = { lineWidth: 0, compat: 'yaml-1.1' } as const

/** In double quotes, as JSON writes it, without what YAML does not take for printable. */
function escape(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
