import stringWidth from 'string-width'
import { toPlainText } from '../view/plain-text.ts'
import type { Paint } from '../view/paint.ts'
import { isNumberText, type JsonMember, type JsonTree } from './json-tree.ts'

interface Layout {
  readonly paint: Paint
  /** A value that fits into what is left of the line stays on it. */
  readonly widthColumns: number
}

/** Lays a tree out for reading: short values on one line, the spelling of scalars as it came. */
export function formatJson(tree: JsonTree, layout: Layout): string {
  return format(tree, layout, { indent: 0, taken: 0 })
}

/** Where a value begins: the indent of its lines, and what stands before it on the first. */
interface Place {
  readonly indent: number
  readonly taken: number
}

function format(tree: JsonTree, layout: Layout, place: Place): string {
  if (tree.kind === 'scalar') return paintScalar(tree.text, layout.paint)
  const [open, close] = tree.kind === 'array' ? ['[', ']'] : ['{', '}']
  const children = tree.kind === 'array' ? tree.items : tree.members
  if (children.length === 0) return `${open}${close}`
  if (spend(tree, layout.widthColumns - place.taken) >= 0) return formatLine(tree, layout.paint)
  const indent = place.indent + 2
  const pad = ' '.repeat(indent)
  const lines =
    tree.kind === 'array'
      ? tree.items.map((item) => pad + format(item, layout, { indent, taken: indent + 1 }))
      : tree.members.map((member) => pad + formatMember(member, layout, indent))
  return `${open}\n${lines.join(',\n')}\n${' '.repeat(place.indent)}${close}`
}

function formatMember(member: JsonMember, layout: Layout, indent: number): string {
  const name = toPlainText(member.nameText)
  const taken = indent + stringWidth(name) + 3
  return `${layout.paint('cyan', name)}: ${format(member.value, layout, { indent, taken })}`
}

/** The whole value on one line: `{ "a": 1, "b": [2, 3] }`. */
function formatLine(tree: JsonTree, paint: Paint): string {
  switch (tree.kind) {
    case 'scalar':
      return paintScalar(tree.text, paint)
    case 'array':
      return `[${tree.items.map((item) => formatLine(item, paint)).join(', ')}]`
    case 'object': {
      const members = tree.members.map(
        ({ nameText, value }) =>
          `${paint('cyan', toPlainText(nameText))}: ${formatLine(value, paint)}`,
      )
      return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
    }
  }
}

/** What is left of a line after the value, below zero when it does not fit; stops as soon as that. */
function spend(tree: JsonTree, columns: number): number {
  if (tree.kind === 'scalar') return columns - stringWidth(toPlainText(tree.text))
  const children = tree.kind === 'array' ? tree.items : tree.members.map(({ value }) => value)
  const names = tree.kind === 'array' ? [] : tree.members.map(({ nameText }) => nameText)
  let left = columns - (tree.kind === 'array' || children.length === 0 ? 2 : 4)
  for (const [index, child] of children.entries()) {
    const name = names[index]
    if (name !== undefined) left -= stringWidth(toPlainText(name)) + 2
    if (index > 0) left -= 2
    if (left < 0) return left
    left = spend(child, left)
  }
  return left
}

function paintScalar(text: string, paint: Paint): string {
  const plain = toPlainText(text)
  if (plain.startsWith('"')) return paint('green', plain)
  return paint(isNumberText(plain) ? 'yellow' : 'magenta', plain)
}
