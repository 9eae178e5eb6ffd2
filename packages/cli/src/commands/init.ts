import type { Command } from 'commander'
import { CommandError } from '../errors.ts'

interface InitOptions {
  readonly name?: string
  readonly force?: true
  readonly yes?: true
}

const EXAMPLES = `
Examples:
  asya init my-pipelines
  asya init . --name my-pipelines --yes`

/** `asya init`: a project to begin with. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .summary('make a project to begin with')
    .description(
      'Writes a small project that runs, is tested and can be deployed: the same as npm create ' +
        'asya. Asks only at a terminal.',
    )
    .argument('[dir]', 'where it goes; this folder when left out')
    .option('--name <name>', 'its name; else it comes from the folder')
    .option('--force', 'use a folder that is not empty, and keep what is there')
    .option('-y, --yes', 'ask nothing')
    .addHelpText('after', EXAMPLES)
    .action(runInit)
}

async function runInit(dir: string | undefined, options: InitOptions): Promise<void> {
  const { runStarter } = await import('@asya/starter')
  const end = await runStarter({
    dir,
    fallbackDir: '.',
    name: options.name,
    isForced: options.force === true,
    isSilent: options.yes === true,
    input: process.stdin,
    output: process.stdout,
  })
  if (!end.ok) throw new CommandError(end.reason)
}
