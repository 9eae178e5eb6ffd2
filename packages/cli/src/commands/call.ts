import { parseDurationMs } from '@asya/protocol'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { callPipeline, type Call } from '../call/call-pipeline.ts'
import { OUTPUTS, type Output } from '../call/format-results.ts'
import { printEnds } from '../call/print-ends.ts'
import { readPayloads } from '../call/payloads.ts'
import { openConnection } from '../call/open-connection.ts'
import { UsageError } from '../errors.ts'
import { findProjectDir } from '../project/find-files.ts'
import { createPaint } from '../view/paint.ts'
import { RABBITMQ_HELP } from './rabbitmq-option.ts'
import { listenForInterrupt, type Interrupt } from '../interrupt.ts'

interface CallOptions {
  readonly json?: readonly string[]
  readonly file?: readonly string[]
  readonly output?: Output
  readonly timeout?: number
  readonly dir?: string
  readonly rabbitmq?: true
}

const EXAMPLES = `
Examples:
  asya call hello --json '{"name":"Ada"}'
  asya call hello --file ada.json --file grace.json --output table
  echo '{"name":"Ada"}' | asya call hello -`

/** `asya call`: runs a pipeline and prints what comes out of it. */
export function addCallCommand(program: Command): void {
  program
    .command('call')
    .summary('run a pipeline and print its result')
    .description(
      'Sends payloads to a pipeline, shows how its jobs go, and prints their results. Uses the ' +
        'asya dev that runs in the project, or runs the project just for this call.',
    )
    .argument('<pipeline>', 'name of the pipeline')
    .argument('[source]', '"-" reads a payload from stdin')
    .option('-j, --json <text>', 'a payload; may be repeated: a job for each', collect)
    .option('-f, --file <path>', 'a file that holds a payload; may be repeated', collect)
    .addOption(
      new Option(
        '-o, --output <format>',
        'how results are printed (default: pretty on a terminal, else json)',
      ).choices(OUTPUTS),
    )
    .option('-t, --timeout <duration>', 'cancel what has not ended by then, such as 90s', toTimeout)
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .option('--rabbitmq', `${RABBITMQ_HELP}; not on an asya dev that runs`)
    .addHelpText('after', EXAMPLES)
    .action(runCall)
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}

function toTimeout(text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined || ms === 0)
    throw new InvalidArgumentError('Write it like 90s, 2m or 1m30s.')
  return ms
}

async function runCall(
  pipeline: string,
  source: string | undefined,
  options: CallOptions,
): Promise<void> {
  if (source !== undefined && source !== '-')
    throw new UsageError(
      `"${source}" is no payload: write --json '${source}', --file PATH, or - for stdin`,
    )
  const { json = [], file = [] } = options
  const payloads = await readPayloads({ json, file, stdin: source === '-' })
  if (payloads.length === 0)
    throw new UsageError(
      `there is no payload for ${pipeline}: write one, such as\n\n` +
        `  asya call ${pipeline} --json '{"name":"Ada"}'\n\nor --file PATH, or - to read stdin`,
    )
  const interrupt = listenForInterrupt()
  try {
    await call({ pipeline, payloads }, options, interrupt)
    if (interrupt.signal.aborted) throw interrupt.signal.reason
  } finally {
    interrupt.stop()
  }
}

async function call(wanted: Call, options: CallOptions, interrupt: Interrupt): Promise<void> {
  const { signal } = interrupt
  const paint = createPaint(process.stderr)
  const projectDir = findProjectDir(options.dir)
  const connection = await openConnection({
    projectDir,
    signal,
    paint,
    isOnRabbitmq: options.rabbitmq === true,
  })
  try {
    if (options.timeout !== undefined) interrupt.limit(options.timeout)
    const startedAt = performance.now()
    const ends = await callPipeline(wanted, {
      client: connection.client,
      signal,
      progress: { stream: process.stderr, paint },
      onView: (view) => {
        connection.showLogs(view)
      },
    })
    const tookMs = performance.now() - startedAt
    await printEnds(ends, { pipeline: wanted.pipeline, tookMs, output: options.output })
  } finally {
    await connection.close()
  }
}
