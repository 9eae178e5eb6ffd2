import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import { buildDocuments } from '../diff/build-documents.ts'
import { placeOf, readBuilt, type BuildPlace } from '../diff/find-documents.ts'
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
      'Makes one HTML page of what the project is now: pipelines with their pictures, actors, types, ' +
        'and each AsyncAPI document. It needs no server and no network.',
    )
    .option('-C, --dir <path>', 'the project; else it is the one around this folder')
    .option('--build <path>', 'take the documents that were built there, as they are')
    .option(
      '-o, --out <file>',
      `the page (default: ${DEFAULT_PAGE} in the folder of the build, ${DEFAULT_OUT_DIR}/)`,
    )
    .addHelpText('after', EXAMPLES)
    .action(runDocs)
}

async function runDocs(options: DocsOptions): Promise<void> {
  const place = placeOf(findProjectDir(options.dir), options.build)
  const isBuilt = options.build !== undefined
  const documents = isBuilt ? listBuilt(place) : await makeAll(place)
  const page = resolve(options.out ?? join(place.outDir, DEFAULT_PAGE))
  const { readDocsModel } = await import('../docs/docs-model.ts')
  const { readViewer } = await import('../docs/document-viewer.ts')
  const { writePage } = await import('../docs/write-page.ts')
  const model = readDocsModel(
    documents.map(({ path, text, isWritten }) => ({
      link: relative(dirname(page), path).split(sep).join('/'),
      isWritten,
      text,
    })),
  )
  if (model.actors.length === 0 && model.pipelines.length === 0)
    throw new UsageError(
      isBuilt
        ? `the documents in ${place.outDir} are of no actor and no pipeline: run \`asya build\` again`
        : 'the project has no actor and no pipeline',
    )
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, writePage(model, readViewer()))
  process.stdout.write(`wrote ${relative('.', page) || page}\n`)
  if (documents.some(({ isWritten }) => !isWritten))
    process.stderr.write(
      `documents that ${relative('.', place.outDir) || '.'} does not hold as they are now are not ` +
        'linked: run `asya build`, then `asya docs` again\n',
    )
}

/** A document, and where a build puts it. */
interface PlacedDocument {
  /** Absolute. */
  readonly path: string
  readonly text: string
  /** Whether this text lies there. */
  readonly isWritten: boolean
}

function listBuilt(place: BuildPlace): readonly PlacedDocument[] {
  return readBuilt(place).map(({ name, text }) => ({ path: resolve(name), text, isWritten: true }))
}

/** What a build would write now: nobody has to remember to build before. */
async function makeAll({ projectDir, outDir }: BuildPlace): Promise<readonly PlacedDocument[]> {
  const made = await buildDocuments(projectDir, 'there is nothing to show')
  return made.map(({ name, text }) => {
    const path = join(outDir, name)
    return { path, text, isWritten: existsSync(path) && readFileSync(path, 'utf8') === text }
  })
}
