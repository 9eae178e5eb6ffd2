/** Parses every AsyncAPI document of a build, as its readers do; ends with 1 if one is refused. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Parser } from '@asyncapi/parser'

const [outDir = '.'] = process.argv.slice(2)
const parser = new Parser()
const ERROR = 0
const documents = ['actors', 'pipelines'].flatMap((folder) =>
  readdirSync(join(outDir, 'asyncapi', folder)).map((file) =>
    join(outDir, 'asyncapi', folder, file),
  ),
)
for (const path of documents) {
  const { diagnostics } = await parser.parse(readFileSync(path, 'utf8'))
  const errors = diagnostics.filter(({ severity }) => severity === ERROR)
  for (const { message } of errors) process.stderr.write(`${path}: ${message}\n`)
  if (errors.length > 0) process.exitCode = 1
}
