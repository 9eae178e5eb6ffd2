/** Parses every AsyncAPI document of a build, as its readers do; ends with 1 if one is refused. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Parser } from '@asyncapi/parser'

const [outDir = '.'] = process.argv.slice(2)
const parser = new Parser()
const documents = ['actors', 'pipelines'].flatMap((folder) =>
  readdirSync(join(outDir, 'asyncapi', folder)).map((file) =>
    join(outDir, 'asyncapi', folder, file),
  ),
)
for (const path of documents) {
  // No document: something in it is an error.
  const { document, diagnostics } = await parser.parse(readFileSync(path, 'utf8'))
  if (document) continue
  for (const { message } of diagnostics) process.stderr.write(`${path}: ${message}\n`)
  process.exitCode = 1
}
