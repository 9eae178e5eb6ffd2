import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { entryUrl, type Launch } from '../entries.ts'

/**
 * How tests start workers and processes: from what was built, if it was built from the sources as
 * they are now (`npm test` sees to that), else from the sources.
 *
 * What was built starts in a quarter of the time; and Node's own stripping of types is WebAssembly,
 * which may crash Node 24 while one worker ends and another begins (V8, Runtime_TierUpWasmToJSWrapper).
 */
export const testLaunch: Launch = isBuilt()
  ? { entryUrl: (entry) => builtUrl(entry), execArgv: [] }
  : { entryUrl, execArgv: ['--conditions=source'] }

function builtUrl(entry: string): URL {
  return new URL(`../../dist/${entry}.js`, import.meta.url)
}

function isBuilt(): boolean {
  const sources = ['protocol', 'service', 'sdk', 'runtime-node'].map((name) =>
    toPath(`${name}/src`),
  )
  const builtAt = ['runtime-node/dist/main.js', 'sdk/dist/invoke/index.js'].map((name) =>
    existsSync(toPath(name)) ? statSync(toPath(name)).mtimeMs : 0,
  )
  return Math.max(...sources.map(newestIn)) <= Math.min(...builtAt)
}

function toPath(name: string): string {
  return fileURLToPath(new URL(`../../../${name}`, import.meta.url))
}

function newestIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test(-d)?\.ts$/.test(entry.name))
    .map((entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs)
  return Math.max(...files)
}
