import { Option, type Command } from 'commander'
import { requireDevClient } from '../client/dev-client.ts'
import { LEVELS, type LogLevel, type LogLine } from '../dev/log-book.ts'
import { DevEnded, UsageError } from '../errors.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { findProjectDir } from '../project/find-files.ts'
import { explainUnknown } from '../suggest.ts'
import { formatLogLine, formatTime } from '../view/log-text.ts'
import { createPaint } from '../view/paint.ts'

interface LogsOptions {
  readonly follow?: true
  readonly actor?: readonly string[]
  readonly level: LogLevel
  readonly dir?: string
}

const EXAMPLES = `
Examples:
  asya logs
  asya logs --follow --actor extract --level warn`

/** `asya logs`: what the actors of the dev run say. */
export function addLogsCommand(program: Command): void {
  program
    .command('logs')
    .summary('show what the actors of asya dev say')
    .description('Prints the log of the asya dev that runs in the project, oldest line first.')
    .option('-f, --follow', 'go on with every new line')
    .option('-a, --actor <name>', 'only this actor; may be repeated', collect)
    .addOption(
      new Option('-l, --level <level>', 'the least important level that is shown')
        .choices(LEVELS)
        .default('info'),
    )
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .addHelpText('after', EXAMPLES)
    .action(runLogs)
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}

async function runLogs(options: LogsOptions): Promise<void> {
  const client = await requireDevClient(findProjectDir(options.dir))
  const { actors } = await client.listNames()
  const known = [...actors, 'happy-end', 'error-end', 'asya']
  for (const name of options.actor ?? [])
    if (!known.includes(name)) throw new UsageError(explainUnknown('actor', name, known))
  const interrupt = listenForInterrupt()
  const paint = createPaint(process.stdout)
  try {
    for await (const line of client.readLogs(options.follow === true, interrupt.signal)) {
      if (isWanted(line, options))
        process.stdout.write(
          `${paint('dim', formatTime(line.timeMs))} ${formatLogLine(line, paint)}\n`,
        )
    }
  } catch (error) {
    // To stop following is how it ends, whoever stops.
    if (!interrupt.signal.aborted && !(error instanceof DevEnded)) throw error
  } finally {
    interrupt.stop()
  }
}

function isWanted(line: Pick<LogLine, 'source' | 'level'>, options: LogsOptions): boolean {
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(options.level)) return false
  return options.actor === undefined || options.actor.includes(line.source)
}
