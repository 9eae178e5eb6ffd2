#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { runStarter } from '@asya/starter'

const HELP = `npm create asya [dir] [-- options]

Makes a project of async actors: one that runs, is tested and can be deployed.

  dir              where it goes; asya-project when left out
  --name <name>    its name; else it comes from the folder
  --force          use a folder that is not empty, and keep what is there
  -y, --yes        ask nothing
  -h, --help       show this

Example:
  npm create asya my-pipelines
`

/** Exit codes: 0 done, 1 refused, 2 not understood. */
async function main(): Promise<number> {
  const parsed = parse()
  if (typeof parsed === 'string') {
    process.stderr.write(`create-asya: ${parsed}\n\n${HELP}`)
    return 2
  }
  const { values, positionals } = parsed
  if (values.help === true) {
    process.stdout.write(HELP)
    return 0
  }
  const end = await runStarter({
    dir: positionals[0],
    fallbackDir: 'asya-project',
    name: values.name,
    isForced: values.force === true,
    isSilent: values.yes === true,
    input: process.stdin,
    output: process.stdout,
  })
  if (end.ok) return 0
  process.stderr.write(`create-asya: ${end.reason}\n`)
  return 1
}

function parse() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        force: { type: 'boolean' },
        yes: { type: 'boolean', short: 'y' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return parsed.positionals.length > 1 ? 'only one folder can be made' : parsed
  } catch (error) {
    // What parseArgs throws names the option.
    return error instanceof Error ? error.message : String(error)
  }
}

process.exitCode = await main()
