import { Option, type Command } from 'commander'
import { readOnce } from '../compile/read-once.ts'
import { EXIT, UsageError } from '../errors.ts'
import { findProjectDir } from '../project/find-files.ts'
import { createPaint } from '../view/paint.ts'
import { addClusterOptions, pickClusterOptions } from './cluster-options.ts'
import { ENVIRONMENT_HELP } from './project-options.ts'

interface ExplainOptions {
  readonly format: 'text' | 'json'
  readonly dir?: string
  readonly environment?: string
  readonly cluster?: true
  readonly namespace?: string
  readonly context?: string
}

const EXAMPLES = `
Examples:
  asya explain read-page
  asya explain triage --format json
  asya explain read-page --cluster`

/** `asya explain`: what the build reads of an actor or a pipeline, and what it makes of it. */
export function addExplainCommand(program: Command): void {
  const command = program
    .command('explain')
    .summary('show what is read of an actor or a pipeline, or how an actor on a cluster is')
    .description(
      'Shows where an actor or a pipeline was read, its types as they were written, the schema of ' +
        'each payload and why it looks as it does, every option and who set it, and whether the ' +
        'steps fit each other. With --cluster: why an actor there has the replicas that it has, why it ' +
        'is not ready, and what to do.',
    )
    .argument('<name>', 'an actor, or a pipeline')
    .addOption(
      new Option('-f, --format <format>', 'for people or for programs')
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('-e, --environment <name>', ENVIRONMENT_HELP)
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .option('--cluster', 'how the actor is on a cluster, not how it is read')
  addClusterOptions(command).addHelpText('after', EXAMPLES).action(runExplain)
}

async function runExplain(name: string, options: ExplainOptions): Promise<void> {
  if (options.cluster) {
    const { explainOnline } = await import('../cluster/explain-actor.ts')
    await explainOnline(name, { ...pickClusterOptions(options), format: options.format })
    return
  }
  if (options.namespace !== undefined || options.context !== undefined)
    throw new UsageError('--namespace and --context are of a cluster: add --cluster')
  const projectDir = findProjectDir(options.dir)
  const { explainModel } = await import('../explain/explain-model.ts')
  const { formatExplanation } = await import('../explain/format-explanation.ts')
  const { model, problems } = await readOnce({
    projectDir,
    environment: options.environment,
  })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    const { printProblems } = await import('../compile/print-built.ts')
    printProblems(errors, { format: 'text', projectDir })
    process.exitCode = EXIT.failed
  }
  const explanations = explainModel(model, name)
  const paint = createPaint(process.stdout)
  const text =
    options.format === 'json'
      ? JSON.stringify(explanations, null, 2)
      : explanations.flatMap((one) => [...formatExplanation(one, paint), '']).join('\n')
  process.stdout.write(`${text.trimEnd()}\n`)
}
