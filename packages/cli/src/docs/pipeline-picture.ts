import { escapeHtml } from './html.ts'
import type { PipelineDocs, StepDocs } from './docs-model.ts'

const HEIGHT = 44
const GAP = 76
const CHARACTER = 8.2
const PADDING = 28
const END = 34
const TOP = 40

/**
 * The steps of a pipeline from left to right, as SVG: an arrow that fans out splits, one that may end
 * early is dashed.
 *
 * @param isOnPage whether there is something to lead to: of others' actors there is not
 */
export function drawPipeline(
  { name, steps }: PipelineDocs,
  isOnPage: (actor: string) => boolean,
): string {
  const parts: string[] = []
  let x = 2
  for (const [index, step] of steps.entries()) {
    const width = Math.max(90, step.name.length * CHARACTER + PADDING)
    const height = TOP + HEIGHT / 2
    const box =
      `<rect x="${x}" y="${TOP}" width="${width}" height="${HEIGHT}" rx="8"/>` +
      `<text x="${x + width / 2}" y="${height + 5}" text-anchor="middle">${escapeHtml(step.name)}</text>`
    const link = `<a href="#actor-${escapeHtml(step.name)}">${box}</a>`
    parts.push(isOnPage(step.name) ? link : `<g class="foreign">${box}</g>`)
    x += width
    const isLast = index === steps.length - 1
    if (isLast && step.cardinality === 'none') break
    parts.push(drawArrow(step, x, height))
    x += GAP
  }
  if (steps.at(-1)?.cardinality !== 'none') {
    parts.push(
      `<circle cx="${x + END / 2}" cy="${TOP + HEIGHT / 2}" r="${END / 2 - 2}"/>` +
        `<text class="small" x="${x + END / 2}" y="${TOP + HEIGHT + 16}" text-anchor="middle">result</text>`,
    )
    x += END + 12
  }
  const label = `${name}: ${steps.map((step) => step.name).join(', then ')}`
  const [width, height] = [Math.ceil(x + 2), TOP + HEIGHT + 26]
  return `<svg class="picture" role="group" aria-label="${escapeHtml(label)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${parts.join('')}</svg>`
}

function drawArrow({ cardinality }: StepDocs, x: number, y: number): string {
  const [from, to] = [x + 4, x + GAP - 6]
  const head = (at: number): string =>
    `<path class="head" d="M${to - 7} ${at - 5} L${to} ${at} L${to - 7} ${at + 5} Z"/>`
  const middle = x + GAP / 2
  const say = (text: string): string =>
    `<text class="small" x="${middle}" y="${TOP - 8}" text-anchor="middle">${text}</text>`
  if (cardinality !== 'many') {
    const isOptional = cardinality === 'optional'
    const line = `<path class="line${isOptional ? ' dashed' : ''}" d="M${from} ${y} L${to - 6} ${y}"/>`
    return line + head(y) + (isOptional ? say('0 or 1') : '')
  }
  const branches = [-14, 0, 14].map(
    (offset) =>
      `<path class="line" d="M${from} ${y} C${middle} ${y} ${middle - 14} ${y + offset} ${to - 6} ${y + offset}"/>${head(y + offset)}`,
  )
  return branches.join('') + say('many')
}
