import type { Command } from 'commander'
import { CommandError, UsageError } from '../errors.ts'
import { fixturesFolder } from '../programs.ts'
import { createPaint } from '../view/paint.ts'

interface RuntimeOptions {
  readonly socket: string
  readonly shutdown?: true
}

interface SidecarOptions {
  readonly socket: string
  readonly rabbitmq: string
  readonly queue: string
}

const RUNTIME_EXAMPLES = `
Example, with the actor of docs/conformance.md in another terminal:
  asya conformance runtime --socket /tmp/sockets/app.sock`

const SIDECAR_EXAMPLES = `
Example, with a sidecar for the queue conformance in another terminal:
  asya conformance sidecar --socket /tmp/sockets/app.sock --rabbitmq amqp://localhost`

/** `asya conformance`: proves a runtime or a sidecar, in any language, against the wire. */
export function addConformanceCommand(program: Command): void {
  const conformance = program
    .command('conformance')
    .summary('prove a runtime or a sidecar of your own against the wire')
    .description(
      'Speaks to a runtime, or to a sidecar, as its peer would, and says which laws of the wire it ' +
        'keeps. docs/conformance.md says what to start.',
    )
  conformance
    .command('runtime')
    .description('Speaks to the runtime that serves the conformance actor on a Unix socket.')
    .requiredOption('--socket <path>', 'its socket')
    .option('--shutdown', 'at the end also ask it to shut down')
    .addHelpText('after', RUNTIME_EXAMPLES)
    .action(runRuntime)
  conformance
    .command('sidecar')
    .description(
      'Serves the socket that a sidecar calls, and watches what it publishes to happy-end, error-end ' +
        'and <queue>-next: use a broker, or a virtual host, where nobody else consumes them.',
    )
    .requiredOption('--socket <path>', 'the socket that the sidecar calls; it is made here')
    .requiredOption('--rabbitmq <url>', 'the broker that the sidecar uses')
    .option('--queue <name>', 'the queue that the sidecar consumes', 'conformance')
    .addHelpText('after', SIDECAR_EXAMPLES)
    .action(runSidecar)
}

async function runRuntime({ socket, shutdown }: RuntimeOptions): Promise<void> {
  const suite = await import('@asya/conformance')
  const corpus = suite.readCorpus(fixturesFolder())
  const cases = [
    ...suite.makeFixtureCases(corpus),
    ...[suite.LIMIT_CASE, ...suite.replyCases, ...suite.lifeCases],
    ...(shutdown ? [suite.shutdownCase] : []),
  ]
  await report(suite.runCases(cases, new suite.RuntimeRig(socket)))
}

async function runSidecar({ socket, rabbitmq, queue }: SidecarOptions): Promise<void> {
  const suite = await import('@asya/conformance')
  const { parseRabbitmqUrl, RabbitmqTransport } = await import('@asya/transport/rabbitmq')
  const endpoint = parseRabbitmqUrl(rabbitmq)
  if (!endpoint) throw new UsageError('--rabbitmq is not amqp://user:password@host:port/vhost')
  const transport = new RabbitmqTransport({ endpoint })
  const rig = new suite.SidecarRig({ socketPath: socket, queue, next: `${queue}-next` }, transport)
  try {
    await transport.whenReady(READY_TIMEOUT_MS)
    await rig.open()
    const corpus = suite.readCorpus(fixturesFolder())
    await report(suite.runCases([...suite.makeReplyCases(corpus), ...suite.sidecarCases], rig))
  } finally {
    await rig.close()
    await transport.close()
  }
}

const READY_TIMEOUT_MS = 15_000

interface Ran {
  readonly group: string
  readonly law: string
  readonly verdict:
    { readonly type: 'passed' } | { readonly type: 'failed'; readonly reason: string }
}

/** Writes what is broken, as soon as it is known, and at the end how many laws are kept. */
async function report(runs: AsyncIterable<Ran>): Promise<void> {
  const paint = createPaint(process.stdout)
  const passed = new Map<string, number>()
  let failed = 0
  let count = 0
  for await (const { group, law, verdict } of runs) {
    count++
    if (verdict.type === 'passed') passed.set(group, (passed.get(group) ?? 0) + 1)
    else {
      failed++
      process.stdout.write(`${paint('red', '✗')} ${group}: ${law}\n    ${verdict.reason}\n`)
    }
  }
  for (const [group, kept] of passed)
    process.stdout.write(`${paint('green', '✓')} ${group}: ${kept}\n`)
  process.stdout.write(`${count - failed} of ${count} laws are kept\n`)
  if (failed > 0) throw new CommandError(`${failed} laws of the wire are broken`)
}
