import { InvalidArgumentError, type Command } from 'commander'
import type { ClusterOptions } from '../cluster/connect.ts'
import { addClusterOptions, pickClusterOptions } from './cluster-options.ts'

interface ScaleOptions extends ClusterOptions {
  readonly min?: number
  readonly max?: number
  readonly replicas?: number
}

const SCALE_EXAMPLES = `
Examples:
  asya scale read-page --min 1 --max 20
  asya scale read-page --replicas 0          stops it`

/** `asya scale`, `asya pause`, `asya resume`: how many replicas an actor has, by its resource. */
export function addScaleCommands(program: Command): void {
  const scale = program
    .command('scale')
    .summary('bound the replicas of an actor on a cluster')
    .description(
      'Sets between how many replicas the queue decides, or a number in its place. Later deploys keep ' +
        'it, and say so.',
    )
    .argument('<actor>', 'its name')
    .option('--min <number>', 'replicas at least; 0 lets it sleep', readCount)
    .option('--max <number>', 'replicas at most', readCount)
    .option('--replicas <number>', 'that many, whatever is in the queue', readCount)
  addClusterOptions(scale).addHelpText('after', SCALE_EXAMPLES).action(runScale)

  const pause = program
    .command('pause')
    .summary('keep the replicas of actors on a cluster as they are')
    .description(
      'Keeps the replicas as they are until asya resume, whatever is deployed meanwhile.',
    )
    .argument('<actors...>', 'their names')
  addClusterOptions(pause)
    .addHelpText('after', '\nExample:\n  asya pause read-page classify')
    .action(async (names: readonly string[], options: ClusterOptions) => {
      const { pauseActors } = await import('../cluster/change-scaling.ts')
      await pauseActors(names, pickClusterOptions(options))
    })

  const resume = program
    .command('resume')
    .summary('end what asya pause began')
    .description('Lets the queue decide on the replicas again.')
    .argument('<actors...>', 'their names')
  addClusterOptions(resume)
    .addHelpText('after', '\nExample:\n  asya resume read-page classify')
    .action(async (names: readonly string[], options: ClusterOptions) => {
      const { resumeActors } = await import('../cluster/change-scaling.ts')
      await resumeActors(names, pickClusterOptions(options))
    })
}

async function runScale(name: string, options: ScaleOptions): Promise<void> {
  const { scaleActor } = await import('../cluster/change-scaling.ts')
  const { min, max, replicas } = options
  await scaleActor(name, { min, max, replicas }, pickClusterOptions(options))
}

function readCount(text: string): number {
  if (!/^\d{1,5}$/.test(text))
    throw new InvalidArgumentError('a whole number is wanted, such as 3.')
  return Number(text)
}
