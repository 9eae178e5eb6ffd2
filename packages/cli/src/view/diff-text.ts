import type { Change } from '@asya/compiler'
import { formatAnnotation } from './github-annotation.ts'
import { count } from './model-text.ts'
import { paintNothing, type Paint } from './paint.ts'
import { toPlainText, wrapText } from './plain-text.ts'

export const DIFF_FORMATS = ['text', 'json', 'github', 'markdown'] as const

export type DiffFormat = (typeof DIFF_FORMATS)[number]

export interface DiffLayout {
  readonly paint?: Paint
  readonly widthColumns?: number | undefined
}

/** All changes, for people or programs; ends in a line break. */
export function formatDiff(
  changes: readonly Change[],
  format: DiffFormat,
  layout: DiffLayout = {},
): string {
  switch (format) {
    case 'text':
      return `${formatText(changes, layout).join('\n')}\n`
    case 'json':
      return `${JSON.stringify({ compatible: !changes.some(isBreaking), changes }, null, 2)}\n`
    case 'github':
      return formatAnnotations(changes)
    case 'markdown':
      return formatMarkdown(changes)
  }
}

export function isBreaking({ breaks }: Change): boolean {
  return breaks.length > 0
}

const WIDTH = 100
const INDENT = '      '

function formatText(changes: readonly Change[], layout: DiffLayout): string[] {
  const { paint = paintNothing, widthColumns = WIDTH } = layout
  const lines: string[] = []
  let subject = ''
  for (const change of changes) {
    const its = `${change.kind} ${change.name}`
    if (its !== subject)
      lines.push(...(lines.length > 0 ? [''] : []), paint('bold', toPlainText(its)))
    subject = its
    const mark = isBreaking(change) ? paint('red', '✗') : paint('green', '✓')
    const who = isBreaking(change)
      ? paint('red', describeBreak(change))
      : paint('dim', describeBreak(change))
    lines.push(`  ${mark} ${toPlainText(describeChange(change))}: ${who}`)
    const why = wrapText(
      toPlainText(describeWhy(change)),
      Math.max(20, widthColumns - INDENT.length),
    )
    lines.push(...why.map((line) => INDENT + paint('dim', line)))
  }
  if (lines.length > 0) lines.push('')
  return [...lines, summarize(changes)]
}

/** `input $.items[].at narrowed`; of the actor or pipeline itself `removed`. */
function describeChange({ kind, part, member, change }: Change): string {
  return [part === kind ? undefined : part, member, change]
    .filter((word) => word !== undefined)
    .join(' ')
}

function describeBreak({ breaks, isCertain }: Change): string {
  if (breaks.length === 0) return 'compatible'
  return `${isCertain ? 'breaks' : 'may break'} ${breaks.join(' and ')}`
}

function describeWhy({ why, example }: Change): string {
  return example === undefined ? why : `${why} For example: ${shorten(JSON.stringify(example))}`
}

const MAX_EXAMPLE = 120

function shorten(text: string): string {
  return text.length > MAX_EXAMPLE ? `${text.slice(0, MAX_EXAMPLE)}…` : text
}

function summarize(changes: readonly Change[]): string {
  if (changes.length === 0) return 'compatible: nothing changed'
  const countFor = (party: 'producers' | 'consumers'): number =>
    changes.filter(({ breaks }) => breaks.includes(party)).length
  const others = changes.filter((change) => !isBreaking(change)).length
  const parts = [
    ...(countFor('producers') > 0 ? [`${countFor('producers')} for producers`] : []),
    ...(countFor('consumers') > 0 ? [`${countFor('consumers')} for consumers`] : []),
  ]
  const rest = count(others, 'compatible change')
  if (parts.length === 0) return `compatible: ${rest}`
  return `breaking: ${parts.join(', ')}; ${rest}`
}

/** Annotations of a workflow run: an error for what breaks, a notice for the rest. */
function formatAnnotations(changes: readonly Change[]): string {
  return changes
    .map((change) => {
      const level = isBreaking(change) ? 'error' : 'notice'
      const title = `${change.kind} ${change.name}: ${describeChange(change)}`
      const message = `${describeBreak(change)}. ${describeWhy(change)}`
      return `${formatAnnotation(level, { title }, message)}\n`
    })
    .join('')
}

function formatMarkdown(changes: readonly Change[]): string {
  const head = `**${summarize(changes)}**\n`
  if (changes.length === 0) return head
  const rows = changes.map((change) => {
    const { kind, name, channel, member, part } = change
    const place = member === undefined ? part : `${part} ${toCode(member)}`
    return [
      `${kind} ${toCode(name)}`,
      channel === undefined ? '' : toCode(channel),
      place,
      change.change,
      isBreaking(change) ? `❌ ${describeBreak(change)}` : '✅ nobody',
      escapeCell(describeWhy(change)),
    ]
  })
  const columns = ['of', 'channel', 'what', 'change', 'breaks', 'why']
  const lines = [columns, columns.map(() => '---'), ...rows]
  return `${head}\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}

function toCode(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

function escapeCell(text: string): string {
  return text.replace(/[\\|<>*_`[\]]/g, (sign) => `\\${sign}`).replaceAll('\n', ' ')
}
