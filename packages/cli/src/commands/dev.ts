import { InvalidArgumentError, type Command } from 'commander'
import { RABBITMQ_HELP } from './rabbitmq-option.ts'
import { listenForInterrupt, whenAborted } from '../interrupt.ts'
import { findProjectDir } from '../project/find-files.ts'
import { showLive } from '../view/live-view.ts'
import { createPaint } from '../view/paint.ts'
import { showPlainly } from '../view/plain-view.ts'

interface DevCommandOptions {
  readonly plain?: true
  readonly rabbitmq?: true
  readonly port: number
}

const EXAMPLES = `
Examples:
  asya dev
  asya dev examples/hello --plain`

/** What is in flight when the run is ended may still finish, for so long. */
const GRACE_MS = 1_000

/** `asya dev`: runs a project and follows its files. */
export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .summary('run a project, and follow its changes')
    .description(
      'Runs the actors and pipelines of a project: each actor as a process of its own, around ' +
        'queues in memory, or on RabbitMQ, with a gateway in front. Changed files are reloaded; messages in flight finish on the old code.',
    )
    .argument('[dir]', 'the project; else it is the one around this folder')
    .option('--plain', 'print lines instead of a live view')
    .option('--rabbitmq', RABBITMQ_HELP)
    .option('-p, --port <number>', 'where its gateway listens', toPort, DEFAULT_PORT)
    .addHelpText('after', EXAMPLES)
    .action(runDev)
}

const DEFAULT_PORT = 8_080

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return port
  throw new InvalidArgumentError('Write a port, such as 8080; 0 takes any that is free.')
}

async function runDev(dir: string | undefined, options: DevCommandOptions): Promise<void> {
  const projectDir = findProjectDir(dir)
  const interrupt = listenForInterrupt()
  const { DevRun } = await import('../dev/dev-run.ts')
  const run = new DevRun({
    projectDir,
    mode: 'dev',
    isOnRabbitmq: options.rabbitmq === true,
    port: options.port,
    signal: interrupt.signal,
  })
  const isLive = options.plain !== true && process.stdout.isTTY && process.stdin.isTTY
  const paint = createPaint(process.stdout)
  const closeView = (isLive ? showLive : showPlainly)({
    run,
    projectDir,
    paint,
    quit: () => {
      interrupt.request()
    },
  })
  try {
    await run.start()
    await whenAborted(interrupt.signal)
  } catch (error) {
    // To be ended is how it ends, also while it starts.
    if (!interrupt.signal.aborted) throw error
  } finally {
    await run.close(GRACE_MS)
    closeView()
    interrupt.stop()
  }
}
