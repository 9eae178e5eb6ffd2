import type { Command } from 'commander'

interface ClientOptions {
  readonly out?: string
}

const EXAMPLES = `
Examples:
  asya client generated/asyncapi/pipelines/triage.yaml --out triage-client.ts`

/** `asya client`: a typed client of a pipeline, for programs that do without our SDK. */
export function addClientCommand(program: Command): void {
  program
    .command('client')
    .summary('write a typed client of a pipeline')
    .description(
      "Reads a pipeline's AsyncAPI document and writes a TypeScript file that calls it through a " +
        'gateway: send, follow, result and cancel, with its types. It needs nothing but fetch.',
    )
    .argument('<document>', 'a file that asya build made, of asyncapi/pipelines')
    .option('-o, --out <file>', 'where the TypeScript goes; else it is printed')
    .addHelpText('after', EXAMPLES)
    .action(runClient)
}

async function runClient(path: string, { out }: ClientOptions): Promise<void> {
  const { readDocument } = await import('../consume/asyncapi-document.ts')
  const { findPipeline } = await import('../consume/find-pipeline.ts')
  const { writeClient } = await import('../consume/write-client.ts')
  const { seenFrom, writeOut } = await import('../consume/write-file.ts')
  const document = await readDocument(path)
  const pipeline = findPipeline(document)
  const origin = { source: seenFrom(out, path), command: 'asya client' }
  await writeOut(writeClient(document, pipeline, origin), out)
  process.stderr.write(
    `${out === undefined ? 'wrote' : `${out} is`} a client of ${pipeline.name}\n`,
  )
}
