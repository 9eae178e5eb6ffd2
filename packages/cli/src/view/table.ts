import stringWidth from 'string-width'
import { isNumberText, scalarToText, type JsonTree } from '../json/json-tree.ts'
import type { Paint } from './paint.ts'
import { CLOSE_SPACE, cutText, padText, toPlainText, wrapText } from './plain-text.ts'

/**
 * Results as a table: a column for each key, in the order in which they first appear. Numbers stand
 * on their decimal points, long texts are wrapped, and rows that share their first column stand
 * under one heading.
 */
export function formatTable(results: readonly JsonTree[], options: TableOptions): string[] {
  const columns = toColumns(results)
  const [first] = columns
  if (!first) return []
  const headings = isGrouping(first) ? first.cells.map((cell) => cell.text) : undefined
  const shown = headings ? columns.slice(1) : columns
  const { fitted, left } = fitColumns(shown, options.widthColumns - INDENT.length)
  const lines = [formatHead(fitted, options.paint), formatRule(fitted, options.paint)]
  for (const index of results.keys()) {
    const heading = headings?.[index]
    if (heading !== undefined && (index === 0 || heading !== headings?.[index - 1])) {
      if (index > 0) lines.push('')
      lines.push(INDENT + options.paint('bold', cutText(heading, options.widthColumns - 1)))
    }
    lines.push(...formatRow(fitted, index))
  }
  if (left.length > 0) {
    const names = left.map((column) => column.name).join(', ')
    lines.push('', INDENT + options.paint('dim', `no room for ${names}: --output json has them`))
  }
  return lines
}

export interface TableOptions {
  readonly widthColumns: number
  readonly paint: Paint
}

interface Cell {
  readonly text: string
  readonly isNumber: boolean
}

interface Column {
  readonly name: string
  readonly cells: readonly Cell[]
  readonly isNumeric: boolean
}

interface FittedColumn extends Column {
  readonly width: number
}

const INDENT = ' '
const GAP = '  '
const MIN_WIDTH = 8
const MAX_LINES = 3
/** More than three lines of any terminal hold. */
const MAX_CELL = 2_000
const EMPTY: Cell = { text: '', isNumber: false }
/** Stands for the name of a result that has no members. */
const RESULT = 'result'

function toColumns(results: readonly JsonTree[]): Column[] {
  const cells = new Map<string, Cell[]>()
  for (const [index, result] of results.entries()) {
    for (const [name, value] of toFields(result)) {
      const column = cells.get(name) ?? Array.from(results, () => EMPTY)
      cells.set(name, column)
      column[index] = toCell(value)
    }
  }
  return [...cells].map(([name, column]) => toColumn(name, column))
}

function toFields(result: JsonTree): (readonly [string, JsonTree])[] {
  if (result.kind !== 'object') return [[RESULT, result]]
  return result.members.map(({ nameText, value }) => [toPlainText(scalarToText(nameText)), value])
}

function toColumn(name: string, cells: readonly Cell[]): Column {
  const isNumeric = cells.every((cell) => cell.isNumber || cell === EMPTY)
  return { name, isNumeric, cells: isNumeric ? alignDecimals(cells) : cells }
}

function toCell(value: JsonTree): Cell {
  const isNumber = value.kind === 'scalar' && isNumberText(value.text)
  return {
    text: toPlainText(compact(value))
      .slice(0, MAX_CELL)
      .replace(/^ +| +$/g, ''),
    isNumber,
  }
}

/** A value on one line, without the punctuation of JSON. */
function compact(value: JsonTree): string {
  switch (value.kind) {
    case 'scalar':
      return value.text === 'null' ? '' : scalarToText(value.text)
    case 'array':
      if (value.items.every(isScalar)) return value.items.map(compact).join(', ')
      // A line is broken between records rather than within one.
      return value.items
        .map((item) => compactItem(item).replaceAll(' ', CLOSE_SPACE))
        .join(`${CLOSE_SPACE}· `)
    case 'object':
      return value.members
        .map((member) => `${scalarToText(member.nameText)}: ${compact(member.value)}`)
        .join(', ')
  }
}

/** In a list of small records their names would be repeated over and over. */
function compactItem(item: JsonTree): string {
  if (item.kind !== 'object' || !item.members.every((member) => isScalar(member.value)))
    return compact(item)
  return item.members.map((member) => compact(member.value)).join(' ')
}

function isScalar(value: JsonTree): boolean {
  return value.kind === 'scalar'
}

/** Pads behind the decimals, so that right-aligned numbers stand on their points. */
function alignDecimals(cells: readonly Cell[]): Cell[] {
  const behind = cells.map(({ text }) => (/^-?\d+\.\d+$/.test(text) ? text.split('.', 2)[1] : ''))
  const longest = Math.max(...behind.map((digits = '') => digits.length))
  return cells.map((cell, index) => {
    const digits = behind[index]?.length ?? 0
    const missing = longest - digits + (longest > 0 && digits === 0 ? 1 : 0)
    return { ...cell, text: cell.text + ' '.repeat(missing) }
  })
}

/** A first column of texts that repeat becomes headings. */
function isGrouping(column: Column): boolean {
  const { cells, isNumeric } = column
  if (isNumeric || cells.some((cell) => cell.text === '')) return false
  return cells.some((cell, index) => index > 0 && cell.text === cells[index - 1]?.text)
}

function naturalWidth(column: Column): number {
  return Math.max(stringWidth(column.name), ...column.cells.map((cell) => stringWidth(cell.text)))
}

/** Takes from the widest columns until the table fits; what fits in no way is left out. */
function fitColumns(
  columns: readonly Column[],
  widthColumns: number,
): { readonly fitted: readonly FittedColumn[]; readonly left: readonly Column[] } {
  const widths = columns.map(naturalWidth)
  const least = columns.map((column, index) => {
    const width = widths[index] ?? 0
    return column.isNumeric ? width : Math.min(width, Math.max(MIN_WIDTH, stringWidth(column.name)))
  })
  let count = columns.length
  while (count > 1 && sumWidths(least.slice(0, count)) > widthColumns) count--
  const fitting = widths.slice(0, count)
  while (sumWidths(fitting) > widthColumns) {
    const widest = Math.max(...fitting.filter((width, index) => width > (least[index] ?? 0)))
    const index = fitting.findLastIndex((width, at) => width === widest && width > (least[at] ?? 0))
    if (index === -1) break
    fitting[index] = widest - 1
  }
  const fitted = columns
    .slice(0, count)
    .map((column, index) => ({ ...column, width: fitting[index] ?? 0 }))
  return { fitted, left: columns.slice(count) }
}

function sumWidths(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1)
}

function formatHead(columns: readonly FittedColumn[], paint: Paint): string {
  const names = columns.map((column) => {
    const name = cutText(column.name, column.width)
    return padText(name, column.width, column.isNumeric ? 'start' : 'end')
  })
  return INDENT + paint('dim', names.join(GAP).trimEnd())
}

function formatRule(columns: readonly FittedColumn[], paint: Paint): string {
  return INDENT + paint('dim', '─'.repeat(sumWidths(columns.map((column) => column.width))))
}

function formatRow(columns: readonly FittedColumn[], index: number): string[] {
  const cells = columns.map((column) =>
    wrapCell(column.cells[index]?.text ?? '', column.width).map((line) =>
      padText(line, column.width, column.isNumeric ? 'start' : 'end'),
    ),
  )
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) => {
    const parts = columns.map((column, at) => cells[at]?.[line] ?? ' '.repeat(column.width))
    return (INDENT + parts.join(GAP)).trimEnd()
  })
}

function wrapCell(text: string, width: number): string[] {
  const lines = text === text.trimEnd() ? wrapText(text, width) : [text]
  if (lines.length <= MAX_LINES) return lines
  const last = lines.slice(MAX_LINES - 1).join(' ')
  return [...lines.slice(0, MAX_LINES - 1), cutText(last, width)]
}
