import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import { placeOf, readBuilt } from '../diff/find-documents.ts'
import { UsageError } from '../errors.ts'
import { findProjectDir } from '../project/find-files.ts'
import { DEFAULT_OUT_DIR } from '../project/out-dir.ts'

interface DocsOptions {
  readonly dir?: string
  readonly build?: string
  readonly out?: string
}

const EXAMPLES = `
Examples:
  asya docs
  asya docs --out public/index.html`

const DEFAULT_PAGE = 'docs.html'

/** `asya docs`: one page for people about everything that a project has. */
export function addDocsCommand(program: Command): void {
  program
    .command('docs')
    .summary('write a page about the pipelines, actors and types')
    .description(
      'Makes one HTML page of the AsyncAPI documents that were built: pipelines with their pictures, ' +
        'actors, types, and each document. It needs no server and no network.',
    )
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .option(
      '--build <path>',
      `the folder of the build (default: the project's ${DEFAULT_OUT_DIR}/)`,
    )
    .option('-o, --out <file>', `the page (default: ${DEFAULT_PAGE} in the folder of the build)`)
    .addHelpText('after', EXAMPLES)
    .action(runDocs)
}

async function runDocs(options: DocsOptions): Promise<void> {
  const place = placeOf(findProjectDir(options.dir), options.build)
  const files = readBuilt(place)
  const page = resolve(options.out ?? join(place.outDir, DEFAULT_PAGE))
  const { readDocsModel } = await import('../docs/docs-model.ts')
  const { readViewer } = await import('../docs/document-viewer.ts')
  const { writePage } = await import('../docs/write-page.ts')
  const model = readDocsModel(
    files.map(({ name, text }) => ({
      link: relative(dirname(page), resolve(name)).split(sep).join('/'),
      text,
    })),
  )
  if (model.actors.length === 0 && model.pipelines.length === 0)
    throw new UsageError(
      `the documents in ${place.outDir} are of no actor and no pipeline: run \`asya build\` again`,
    )
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, writePage(model, readViewer()))
  process.stdout.write(`wrote ${relative('.', page) || page}\n`)
}
