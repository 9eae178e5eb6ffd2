import type { Command } from 'commander'
import { CommandError } from '../errors.ts'

interface ImportOptions {
  readonly out?: string
}

const EXAMPLES = `
Examples:
  asya import team-b/classify.yaml --out remote/classify.ts
  asya import team-b/classify.yaml
  asya import python/score.schema.json --out remote/score.ts`

/** `asya import`: somebody else's actors, as typed declarations. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .summary("declare somebody else's actors, from an AsyncAPI document")
    .description(
      'Reads an AsyncAPI document, ours or one of another team, and writes a TypeScript file that ' +
        'declares its actors with their types: a pipeline may route to them, and the compiler ' +
        'checks that they fit. Versions 2.x and 3.x; YAML or JSON. Or a JSON Schema beside a handler ' +
        'in another language: { name, queue, description, cardinality, input, output }.',
    )
    .argument('<document>', 'a file')
    .option('-o, --out <file>', 'where the TypeScript goes; else it is printed')
    .addHelpText('after', EXAMPLES)
    .action(runImport)
}

async function runImport(path: string, { out }: ImportOptions): Promise<void> {
  const { importActors } = await import('../consume/import-actors.ts')
  const { seenFrom, writeOut } = await import('../consume/write-file.ts')
  const { names, problems, text } = await importActors(path, seenFrom(out, path))
  const list = problems.map((problem) => `  ${problem}`).join('\n')
  if (names.length === 0)
    throw new CommandError(
      problems.length === 0
        ? `${path} has no operation that receives: it describes no actor`
        : `${path} describes no actor that a pipeline could route to:\n${list}`,
    )
  await writeOut(text, out)
  const declares = out === undefined ? 'declared' : `${out} declares`
  process.stderr.write(`${declares} ${names.join(', ')}\n`)
  if (problems.length > 0) process.stderr.write(`left out:\n${list}\n`)
}
