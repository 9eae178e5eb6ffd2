import type { Problem } from '../model/problem.ts'
import type { Position } from '../model/model.ts'

/** Lines shown above and below the culprit. */
const CONTEXT_LINES = 1

/**
 * A problem as text for a terminal, to be read without colours: what is wrong, where, the line with a
 * marker under the culprit, and what to do.
 *
 * @param readSource the text of a file, by its path as positions have it; undefined if there is none
 */
export function renderProblem(
  problem: Problem,
  readSource: (file: string) => string | undefined,
): string {
  const { position, end, path, fix, related = [] } = problem
  const [headline = '', ...details] = problem.message.split('\n')
  const lines = [
    `${problem.severity}: ${headline} [${problem.code}]`,
    ...details.map((line) => `  ${line}`),
    ...(position ? [`  at ${showPosition(position)}`] : []),
    ...(path !== undefined && path !== '' && path !== '$' ? [`  in the type: ${path}`] : []),
  ]
  const frame = position ? renderFrame(position, end, readSource(position.file)) : []
  if (frame.length > 0) lines.push('', ...frame, '')
  for (const { message, position: other } of related)
    lines.push(`  ${message}: ${showPosition(other)}`)
  if (fix !== undefined) lines.push(`  fix: ${fix}`)
  return lines.join('\n')
}

function showPosition({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`
}

function renderFrame(
  position: Position,
  end: Position | undefined,
  source: string | undefined,
): string[] {
  const lines = source?.split(/\r?\n/) ?? []
  const culprit = lines[position.line - 1]
  if (culprit === undefined) return []
  const first = Math.max(1, position.line - CONTEXT_LINES)
  const last = Math.min(lines.length, position.line + CONTEXT_LINES)
  const width = String(last).length
  const frame: string[] = []
  for (let line = first; line <= last; line++) {
    const text = lines[line - 1] ?? ''
    const isCulprit = line === position.line
    const gutter = `${isCulprit ? '>' : ' '} ${String(line).padStart(width)} |`
    frame.push(`${gutter} ${text}`.trimEnd())
    if (isCulprit) {
      const marker = ' '.repeat(width + 3) + `| ${markUnder(culprit, position, end)}`
      frame.push(marker)
    }
  }
  return frame.map((line) => `  ${line}`)
}

/** Tabs stay tabs, so that the marker stands under what it marks however wide they are shown. */
function markUnder(text: string, position: Position, end: Position | undefined): string {
  const start = position.column - 1
  const isOneLine = end?.line === position.line
  const stop = isOneLine ? end.column - 1 : text.length
  const before = text.slice(0, start).replace(/[^\t]/g, ' ')
  return before + '^'.repeat(Math.max(1, stop - start))
}
