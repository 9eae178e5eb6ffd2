#!/usr/bin/env node
// npm links commands when it installs, and in a clone of the repository the build comes later.
import { existsSync } from 'node:fs'
import module from 'node:module'

const main = new URL('../dist/main.js', import.meta.url)
if (existsSync(main)) {
  // The TypeScript compiler has some megabytes: Node keeps what it made of them. Older ones cannot.
  module.enableCompileCache?.()
  await import(main.href)
} else {
  console.error('asya is not built yet: run npm run build in the repository')
  process.exitCode = 1
}
