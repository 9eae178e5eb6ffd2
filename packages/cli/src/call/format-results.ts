import { formatJson } from '../json/format-json.ts'
import { readJson, type JsonTree } from '../json/json-tree.ts'
import { showDuration } from '../view/duration.ts'
import { count } from '../view/model-text.ts'
import type { Paint } from '../view/paint.ts'
import { formatTable } from '../view/table.ts'

export const OUTPUTS = ['json', 'table', 'pretty'] as const
export type Output = (typeof OUTPUTS)[number]

/** What the jobs of a call gave. */
export interface CallResults {
  readonly pipeline: string
  readonly jobs: number
  /** How many of them gave no result, for they failed or were cancelled. */
  readonly failed: number
  /** JSON texts of all jobs, in the order of the payloads; null where a branch ended early. */
  readonly results: readonly (string | null)[]
  readonly tookMs: number
}

export interface FormatOptions {
  readonly output: Output
  readonly paint: Paint
  readonly widthColumns: number
}

/** The text for stdout; in `json` one document whose values have the bytes of the results. */
export function formatResults(results: CallResults, options: FormatOptions): string {
  switch (options.output) {
    case 'json':
      return toDocument(results)
    case 'pretty':
      return formatJson(parse(toDocument(results)), options)
    case 'table':
      return formatReport(results, options)
  }
}

/** A job with one result is that result; several are a list. What ended early has none. */
function toDocument({ jobs, results }: CallResults): string {
  const [only] = results
  if (jobs === 1 && results.length === 1) return only ?? 'null'
  return `[${results.filter((result) => result !== null).join(',')}]`
}

function formatReport(call: CallResults, options: FormatOptions): string {
  const { paint, widthColumns } = options
  const texts = call.results.filter((result) => result !== null)
  const counts = [
    count(call.jobs, 'job'),
    ...(call.failed > 0 ? [`${call.failed} failed`] : []),
    count(texts.length, 'result'),
    showDuration(call.tookMs),
  ]
  const title = ` ${paint('bold', call.pipeline)} ${paint('dim', `· ${counts.join(' · ')}`)}`
  const table = formatTable(texts.map(parse), { paint, widthColumns })
  return ['', title, '', ...table, ''].join('\n')
}

/** Results have been parsed by a runtime; one that is odd all the same is shown as it is. */
function parse(text: string): JsonTree {
  const reading = readJson(text)
  return reading.ok ? reading.tree : { kind: 'scalar', text: JSON.stringify(text) }
}
