import { Option, type Command } from 'commander'
import { buildDocuments } from '../diff/build-documents.ts'
import { findDocuments, placeOf, readContracts, type BuildPlace } from '../diff/find-documents.ts'
import { EXIT } from '../errors.ts'
import { findProjectDir } from '../project/find-files.ts'
import { DEFAULT_OUT_DIR } from '../project/out-dir.ts'
import { DIFF_FORMATS, formatDiff, isBreaking, type DiffFormat } from '../view/diff-text.ts'
import { createPaint } from '../view/paint.ts'

interface DiffOptions {
  readonly format: DiffFormat
  readonly dir?: string
  readonly out?: string
  readonly allowBreaking?: true
}

const EXAMPLES = `
Examples:
  asya diff main                          the working tree against a branch
  asya diff v1.2.0 v1.3.0                 a tag against another
  asya diff theirs.yaml theirs-new.yaml   documents of anybody`

/** `asya diff`: says what a change of types does to those at the other side of a queue. */
export function addDiffCommand(program: Command): void {
  program
    .command('diff')
    .summary('compatible or breaking, against an earlier version')
    .description(
      'Compares AsyncAPI documents: what was sent must still be taken, and what is sent must have ' +
        'been expected. Ends with 1 if something breaks, with 2 if there is nothing to compare.',
    )
    .argument('<before>', 'a document, a folder of documents, or a commit, branch or tag')
    .argument('[after]', 'the same; else the working tree, as it would be built now')
    .addOption(
      new Option('-f, --format <format>', 'how changes are shown')
        .choices(DIFF_FORMATS)
        .default('text'),
    )
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .option(
      '--out <path>',
      `the folder of committed builds (default: the project's ${DEFAULT_OUT_DIR}/)`,
    )
    .option('--allow-breaking', 'end with 0 all the same, as for a release that is meant to break')
    .addHelpText('after', EXAMPLES)
    .action(runDiff)
}

async function runDiff(
  before: string,
  after: string | undefined,
  options: DiffOptions,
): Promise<void> {
  const findPlace = (): BuildPlace => placeOf(findProjectDir(options.dir), options.out)
  const old = findDocuments(before, findPlace)
  const now =
    after === undefined
      ? await buildDocuments(findPlace().projectDir, 'there is nothing to compare')
      : findDocuments(after, findPlace)
  const { compareContracts } = await import('@asya/compiler')
  const changes = compareContracts(await readContracts(old), await readContracts(now))
  const layout = { paint: createPaint(process.stdout), widthColumns: process.stdout.columns }
  process.stdout.write(formatDiff(changes, options.format, layout))
  if (changes.some(isBreaking) && options.allowBreaking !== true) process.exitCode = EXIT.failed
}
