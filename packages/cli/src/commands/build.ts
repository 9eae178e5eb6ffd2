import { Option, type Command } from 'commander'
import type { BuildOptions } from '../compile/build-project.ts'
import type { ProjectBuilder } from '../compile/project-builder.ts'
import type { WatchOptions } from '../compile/watch-build.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { findProjectDir } from '../project/find-files.ts'
import { createPaint } from '../view/paint.ts'
import { ProgressLine } from '../view/progress-line.ts'
import { ENVIRONMENT_HELP } from './project-options.ts'

interface BuildCommandOptions {
  readonly out?: string
  readonly watch?: true
  readonly check?: true
  readonly environment?: string
  readonly bundle: boolean
  readonly dependencies: NonNullable<BuildOptions['dependencies']>
  readonly format: 'text' | 'github'
}

const EXAMPLES = `
Examples:
  asya build
  asya build --check --format github
  asya build --watch --out deploy/generated`

/** `asya build`: everything that follows from the types of a project. */
export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .summary('make documents, schemas, resources and bundles of a project')
    .description(
      'Reads a project without running it, and makes of its types: AsyncAPI documents, JSON ' +
        'Schemas and guards, AsyncActor resources, the tool catalog, and a bundle with a Dockerfile ' +
        'for each actor. Writes only what changed, and removes what an earlier build made and this ' +
        'one does not.',
    )
    .argument('[dir]', 'the project; else it is the one around this folder')
    .option('-o, --out <path>', "where to (default: the project's generated/)")
    .option('-w, --watch', 'build again on every change, without bundles')
    .addOption(
      new Option(
        '--check',
        'write nothing; end with 1 and the names of the files that a build would change',
      ).conflicts('watch'),
    )
    .option('-e, --environment <name>', ENVIRONMENT_HELP)
    .option('--no-bundle', 'make no bundles')
    .addOption(
      new Option('--dependencies <where>', 'what package.json names as such')
        .choices(['external', 'bundled'])
        .default('external', 'external: installed beside the bundle'),
    )
    .addOption(
      new Option('-f, --format <format>', 'how problems are shown')
        .choices(['text', 'github'])
        .default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(runBuild)
}

async function runBuild(dir: string | undefined, options: BuildCommandOptions): Promise<void> {
  const projectDir = findProjectDir(dir)
  // The compiler is large: commands that do without it start in a fraction of the time.
  const { buildProject, findOutDir } = await import('../compile/build-project.ts')
  const outDir = findOutDir(projectDir, options.out)
  const { ProjectBuilder } = await import('../compile/project-builder.ts')
  const builder = new ProjectBuilder({ projectDir, environment: options.environment })
  if (options.watch) {
    await watch(builder, { projectDir, outDir, format: options.format })
    return
  }
  const startedAt = performance.now()
  const progress = new ProgressLine(process.stderr, createPaint(process.stderr))
  const built = await buildProject(builder, {
    projectDir,
    outDir,
    isCheck: options.check === true,
    dependencies: options.bundle ? options.dependencies : undefined,
    say: (line) => {
      progress.show(line)
    },
  }).finally(() => {
    progress.clear()
  })
  const { printBuilt } = await import('../compile/print-built.ts')
  printBuilt(built, {
    projectDir,
    outDir,
    isCheck: options.check === true,
    format: options.format,
    tookMs: performance.now() - startedAt,
  })
}

/** Goes on until it is stopped. */
async function watch(
  builder: ProjectBuilder,
  options: Pick<WatchOptions, 'projectDir' | 'outDir' | 'format'>,
): Promise<void> {
  const { watchBuild } = await import('../compile/watch-build.ts')
  const interrupt = listenForInterrupt()
  try {
    await watchBuild(builder, { ...options, signal: interrupt.signal })
  } finally {
    interrupt.stop()
  }
}
