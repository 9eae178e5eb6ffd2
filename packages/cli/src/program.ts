import { Command } from 'commander'
import { addBuildCommand } from './commands/build.ts'
import { addCallCommand } from './commands/call.ts'
import { addClientCommand } from './commands/client.ts'
import { addCheckCommand } from './commands/check.ts'
import { addConformanceCommand } from './commands/conformance.ts'
import { addDeployCommand } from './commands/deploy.ts'
import { addDevCommand } from './commands/dev.ts'
import { addDiffCommand } from './commands/diff.ts'
import { addDocsCommand } from './commands/docs.ts'
import { addErrorsCommand } from './commands/errors.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addImportCommand } from './commands/import.ts'
import { addInitCommand } from './commands/init.ts'
import { addLogsCommand } from './commands/logs.ts'
import { addScaleCommands } from './commands/scale.ts'
import { addStatusCommand } from './commands/status.ts'
import { reportError } from './report-error.ts'

const EXAMPLES = `
Examples:
  asya dev                                    run the project in this folder
  asya call hello --json '{"name":"Ada"}'     send something to one of its pipelines
  asya build                                  make documents, resources and bundles of it`

/** Does what the arguments say; what went wrong is told on stderr, and in the exit code. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = reportError(error)
  }
}

function createProgram(): Command {
  const program = new Command('asya')
    .description('Runs pipelines of async actors on this machine, and builds what a cluster runs.')
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES)
    .exitOverride()

  addDevCommand(program)
  addCallCommand(program)
  addLogsCommand(program)
  addErrorsCommand(program)
  addImportCommand(program)
  addClientCommand(program)
  addInitCommand(program)
  addCheckCommand(program)
  addBuildCommand(program)
  addExplainCommand(program)
  addDiffCommand(program)
  addDocsCommand(program)
  addConformanceCommand(program)
  addDeployCommand(program)
  addStatusCommand(program)
  addScaleCommands(program)
  return program
}
