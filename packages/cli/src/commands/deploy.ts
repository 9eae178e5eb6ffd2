import type { Command } from 'commander'
import type { DeployOptions } from '../cluster/deploy-actors.ts'
import type { ResourceFile } from '../cluster/resource-files.ts'
import { UsageError } from '../errors.ts'
import { findProjectDir } from '../project/find-files.ts'
import {
  addClusterOptions,
  addOutputOption,
  pickClusterOptions,
  readDuration,
} from './cluster-options.ts'
import { ENVIRONMENT_HELP } from './project-options.ts'

interface DeployCommandOptions {
  readonly file?: string
  readonly environment?: string
  readonly yes?: true
  readonly dryRun?: true
  readonly prune?: true
  readonly override?: true
  readonly wait: boolean
  readonly timeout: string
  readonly namespace?: string
  readonly context?: string
  readonly output: DeployOptions['output']
}

const EXAMPLES = `
Examples:
  asya deploy --dry-run                                     what would change
  asya deploy --environment staging --yes --prune           as in CI
  asya deploy --file generated/kubernetes                   what was built before
  kubectl kustomize overlays/eu | asya deploy --yes --file -`

/** `asya deploy`: the actors of a project, brought to a cluster. */
export function addDeployCommand(program: Command): void {
  const command = program
    .command('deploy')
    .summary('bring the actors of a project to a cluster')
    .description(
      'Makes the AsyncActors of a project, as asya build does, asks the cluster what would change, ' +
        'shows it, applies it after a yes, and waits until every actor is ready. What asya scale and ' +
        'asya pause have set is kept. Images must be there already: asya build has the Dockerfiles. ' +
        'Ends with 1 when something is refused or does not become ready.',
    )
    .argument('[dir]', 'the project; else it is the one around this folder')
    .option(
      '-f, --file <path>',
      'AsyncActors of a file, a folder or - (input), instead of a project',
    )
    .option('-e, --environment <name>', ENVIRONMENT_HELP)
    .option('-y, --yes', 'apply without asking')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--prune', 'delete actors that were deployed from this project and are in it no more')
    .option('--override', 'take back what asya scale has set; a pause stays until asya resume')
    .option('--no-wait', 'end when all is applied')
    .option('--timeout <duration>', 'how long to wait until all is ready', '5m')
  addOutputOption(addClusterOptions(command), ['text', 'json'])
    .addHelpText('after', EXAMPLES)
    .action(runDeploy)
}

async function runDeploy(dir: string | undefined, options: DeployCommandOptions): Promise<void> {
  if (options.output === 'json' && !options.yes && !options.dryRun)
    throw new UsageError('--output json asks nobody: add --yes or --dry-run')
  const timeoutMs = readDuration('--timeout', options.timeout)
  const files = await readFiles(dir, options)
  // The client of Kubernetes is large: commands that do without it start in a fraction of the time.
  const { deployActors } = await import('../cluster/deploy-actors.ts')
  await deployActors(files, {
    ...pickClusterOptions(options),
    isConfirmed: options.yes === true,
    isDryRun: options.dryRun === true,
    isPruning: options.prune === true,
    isOverriding: options.override === true,
    isWaiting: options.wait,
    timeoutMs,
    output: options.output,
  })
}

async function readFiles(
  dir: string | undefined,
  { file, environment }: DeployCommandOptions,
): Promise<readonly ResourceFile[]> {
  const { makeResources, readResourceFiles } = await import('../cluster/project-resources.ts')
  if (file === undefined) return makeResources(findProjectDir(dir), environment)
  if (dir !== undefined || environment !== undefined)
    throw new UsageError('--file takes what is built: leave out the project and --environment')
  return readResourceFiles(file)
}
