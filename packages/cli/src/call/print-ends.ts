import { EXIT } from '../errors.ts'
import { createPaint } from '../view/paint.ts'
import type { JobEnd } from './call-pipeline.ts'
import { explainFailure } from './explain-failure.ts'
import { formatResults, type Output } from './format-results.ts'

export interface EndsOptions {
  readonly pipeline: string
  readonly tookMs: number
  /** Unless told, for people on a terminal and for programs elsewhere. */
  readonly output: Output | undefined
}

/** Where no terminal says how wide it is. */
const DEFAULT_COLUMNS = 100

/** Prints results to stdout and failures to stderr, and sets the exit code by them. */
export async function printEnds(ends: readonly JobEnd[], options: EndsOptions): Promise<void> {
  const { pipeline, tookMs } = options
  const isTerminal = process.stdout.isTTY
  const output = options.output ?? (isTerminal ? 'pretty' : 'json')
  const succeeded = ends.filter((end) => end.type === 'succeeded')
  if (succeeded.length > 0) {
    const results = succeeded.flatMap((end) => end.results)
    const text = formatResults(
      { pipeline, tookMs, results, jobs: ends.length, failed: ends.length - succeeded.length },
      {
        output,
        paint: createPaint(process.stdout),
        widthColumns: isTerminal ? process.stdout.columns : DEFAULT_COLUMNS,
      },
    )
    await write(`${text}\n`)
  }
  const paint = createPaint(process.stderr)
  for (const end of ends) {
    const failure = explainFailure(end, paint)
    if (failure !== undefined) process.stderr.write(`${failure}\n`)
  }
  if (succeeded.length < ends.length) process.exitCode = EXIT.failed
}

/** Resolves when a pipe's reader has it: the process may exit then. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => {
      resolve()
    })
  })
}
