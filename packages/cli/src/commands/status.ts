import type { Command } from 'commander'
import type { StatusOptions } from '../cluster/show-status.ts'
import { addClusterOptions, addOutputOption, pickClusterOptions } from './cluster-options.ts'

interface StatusCommandOptions {
  readonly namespace?: string
  readonly context?: string
  readonly allNamespaces?: true
  readonly watch?: true
  readonly output: StatusOptions['output']
}

const EXAMPLES = `
Examples:
  asya status
  asya status read-page --output wide
  asya status --all-namespaces --watch`

/** `asya status`: how the actors on a cluster are. */
export function addStatusCommand(program: Command): void {
  const command = program
    .command('status')
    .summary('show how the actors on a cluster are')
    .description(
      'Lists actors: whether they are ready, their replicas, and how many messages there are, as KEDA ' +
        'and its autoscaler counted them last: ≈ is an estimate of theirs, ≥1 is not counted yet, – ' +
        'is not known.',
    )
    .argument('[actors...]', 'their names (default: all)')
    .option('-A, --all-namespaces', 'of the whole cluster')
    .option('-w, --watch', 'go on, and show what changes')
  addOutputOption(addClusterOptions(command), ['text', 'wide', 'json'])
    .addHelpText('after', EXAMPLES)
    .action(runStatus)
}

async function runStatus(names: readonly string[], options: StatusCommandOptions): Promise<void> {
  const { showStatus } = await import('../cluster/show-status.ts')
  await showStatus(names, {
    ...pickClusterOptions(options),
    isEverywhere: options.allNamespaces === true,
    isWatching: options.watch === true,
    output: options.output,
  })
}
