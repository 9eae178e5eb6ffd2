#!/usr/bin/env node
// npm links commands when it installs, and in a clone of the repository the build comes later.
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)
if (existsSync(main)) await import(main.href)
else {
  console.error('create-asya is not built yet: run npm run build in the repository')
  process.exitCode = 1
}
