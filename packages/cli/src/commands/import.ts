import type { Command } from 'commander'
import { CommandError } from '../errors.ts'

interface ImportOptions {
  readonly out?: string
}

const EXAMPLES = `
Examples:
  asya import team-b/classify.yaml --out remote/classify.ts
  asya import team-b/classify.yaml`

/** `asya import`: somebody else's actors, as typed declarations. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .summary("declare somebody else's actors, from an AsyncAPI document")
    .description(
      'Reads an AsyncAPI document, ours or one of another team, and writes a TypeScript file that ' +
        'declares its actors with their types: a pipeline may route to them, and the compiler ' +
        'checks that they fit. Versions 2.x and 3.x; YAML or JSON.',
    )
    .argument('<document>', 'a file')
    .option('-o, --out <file>', 'where the TypeScript goes; else it is printed')
    .addHelpText('after', EXAMPLES)
    .action(runImport)
}

async function runImport(path: string, { out }: ImportOptions): Promise<void> {
  const { readDocument } = await import('../consume/asyncapi-document.ts')
  const { findRemoteActors } = await import('../consume/find-remote-actors.ts')
  const { writeRemoteActors } = await import('../consume/write-remote-actors.ts')
  const { seenFrom, writeOut } = await import('../consume/write-file.ts')
  const document = await readDocument(path)
  const { actors, problems } = findRemoteActors(document)
  const list = problems.map((problem) => `  ${problem}`).join('\n')
  if (actors.length === 0)
    throw new CommandError(
      problems.length === 0
        ? `${path} has no operation that receives: it describes no actor`
        : `${path} describes no actor that a pipeline could route to:\n${list}`,
    )
  const origin = { source: seenFrom(out, path), command: 'asya import' }
  await writeOut(writeRemoteActors(document, actors, origin), out)
  const names = actors.map(({ name }) => name).join(', ')
  process.stderr.write(`${out === undefined ? 'declared' : `${out} declares`} ${names}\n`)
  if (problems.length > 0) process.stderr.write(`left out:\n${list}\n`)
}
