import { existsSync, readdirSync } from 'node:fs'
import { build } from './build.mjs'
import { run } from './process.mjs'

/**
 * @typedef {import('./setup.mjs').Tools} Tools
 * @typedef {{ name: string, act: (tools: Tools) => Promise<number> }} Step
 */

/** The steps, in order: authors' code sees the built SDK, so the build comes first. */
/** @type {readonly Step[]} */
const steps = [
  { name: 'build', act: build },
  { name: 'types', act: start('tsc', '--build') },
  { name: 'examples', act: checkExamples },
  { name: 'lint', act: start('eslint', '--max-warnings=0', '.') },
  { name: 'format', act: start('prettier', '--check', '--log-level=warn', '.') },
  { name: 'imports', act: checkImports },
  { name: 'arrows', act: start('node', 'scripts/check-arrows.mjs') },
  { name: 'unused', act: start('knip', '--no-progress', '--no-config-hints') },
  { name: 'generated', act: checkGenerated },
  { name: 'python', act: ({ env }) => run('node', ['scripts/check-python.mjs'], { env }) },
  { name: 'files', act: start('node', 'scripts/check-files.mjs') },
]

/**
 * Runs every step, or the named ones, and ends with the list of those that failed.
 *
 * @param {Tools} tools
 * @param {readonly string[]} names
 */
export async function check(tools, names) {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name))
  if (unknown.length > 0) {
    console.error(
      `no such step: ${unknown.join(', ')}. Steps: ${steps.map((s) => s.name).join(', ')}`,
    )
    return 2
  }
  /** @type {string[]} */
  const failed = []
  for (const { name, act } of steps) {
    if (names.length > 0 && !names.includes(name)) continue
    const start = Date.now()
    const status = await act(tools)
    if (status > 128) return status
    if (status !== 0) failed.push(name)
    const seconds = ((Date.now() - start) / 1000).toFixed(1)
    console.log(`${status === 0 ? '✓' : '✗'} ${name.padEnd(9)} ${seconds.padStart(5)} s`)
  }
  if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`)
  return failed.length > 0 ? 1 : 0
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {(tools: Tools) => Promise<number>}
 */
function start(command, ...args) {
  return ({ env }) => run(command, args, { env, isQuiet: true })
}

/** Examples are compiled like any author's project: against the built SDK. @param {Tools} tools */
async function checkExamples(tools) {
  const folders = existsSync('examples') ? readdirSync('examples') : []
  const projects = folders
    .map((f) => `examples/${f}/tsconfig.json`)
    .concat('packages/starter/template/tsconfig.json')
    .filter((path) => existsSync(path))
  const statuses = []
  for (const project of projects) {
    statuses.push(await start('tsc', '--noEmit', '--project', project)(tools))
  }
  return Math.max(0, ...statuses)
}

/** @param {Tools} tools */
function checkImports(tools) {
  const folders = ['packages', 'examples', 'asyncapi', 'bench', 'e2e', 'faults', 'scripts']
  const roots = folders.filter((folder) => existsSync(folder))
  return start('depcruise', '--no-progress', ...roots)(tools)
}

/** What is kept in the repository although it is made. @param {Tools} tools */
async function checkGenerated(tools) {
  const statuses = []
  for (const script of [
    'build-wasm',
    'build-crd',
    'build-deploy',
    'build-examples',
    'build-dashboard',
  ]) {
    statuses.push(await start('node', `scripts/${script}.mjs`, '--check')(tools))
  }
  return Math.max(...statuses)
}
