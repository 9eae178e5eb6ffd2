import { Option, type Command } from 'commander'
import { readOnce } from '../compile/read-once.ts'
import { readRootDir } from '../config.ts'
import { EXIT } from '../errors.ts'
import { findProjectDir } from '../project/find-files.ts'
import { createPaint } from '../view/paint.ts'
import { describeModel } from '../view/model-text.ts'
import { ENVIRONMENT_HELP, PROBLEM_FORMATS, type ProblemFormat } from './project-options.ts'

interface CheckOptions {
  readonly format: ProblemFormat
  readonly environment?: string
}

const EXAMPLES = `
Examples:
  asya check
  asya check --format github`

/** `asya check`: says whether a project builds, and writes nothing. */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .summary('check types, edges, names and options')
    .description(
      'Reads a project without running it, and shows everything that keeps it from being built: ' +
        'types that JSON cannot carry, steps that do not fit, names that no queue can have. Ends with ' +
        '1 if there is an error.',
    )
    .argument('[dir]', 'the project; else it is the one around this folder')
    .addOption(
      new Option('-f, --format <format>', 'how problems are shown')
        .choices(PROBLEM_FORMATS)
        .default('text'),
    )
    .option('-e, --environment <name>', ENVIRONMENT_HELP)
    .addHelpText('after', EXAMPLES)
    .action(runCheck)
}

async function runCheck(dir: string | undefined, options: CheckOptions): Promise<void> {
  const { format, environment } = options
  const projectDir = findProjectDir(dir)
  const { formatProblems } = await import('../compile/format-problems.ts')
  const { findStaleImports } = await import('../consume/find-stale-imports.ts')
  const { model, problems: found, inputs } = await readOnce({ projectDir, environment })
  const problems = [...found, ...(await findStaleImports(projectDir, inputs))]
  const isOk = !problems.some(({ severity }) => severity === 'error')
  if (format === 'json') {
    const { actors, pipelines } = model
    const counts = { actors: actors.length, pipelines: pipelines.length }
    process.stdout.write(`${JSON.stringify({ ok: isOk, ...counts, problems }, null, 2)}\n`)
  } else {
    const paint = createPaint(process.stdout)
    const layout = { format, projectDir, rootDir: readRootDir(), paint }
    process.stdout.write(formatProblems(problems, layout))
    if (isOk && format === 'text')
      process.stdout.write(`${paint('green', '✓')} ${describeModel(model)}\n`)
  }
  if (!isOk) process.exitCode = EXIT.failed
}
