#!/usr/bin/env node
import { runProgram } from './program.ts'

// Who reads our output may have seen enough, as in `asya logs | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

await runProgram(process.argv.slice(2))
