import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { check } from './check.mjs'
import { run } from './process.mjs'
import { setUp, SetupError } from './setup.mjs'

/**
 * @typedef {import('./setup.mjs').Tools} Tools
 * @typedef {{
 *   says: string,
 *   act: (tools: Tools, args: string[]) => Promise<number>,
 *   hasHelp?: true,
 * }} Command `hasHelp`: it says itself what its arguments are
 */

/** @type {Readonly<Record<string, Command>>} */
const commands = {
  demo: { says: 'build, then run a pipeline on this machine', act: demo },
  test: { says: 'build, then run every test; arguments go to vitest', act: test },
  check: {
    says: 'run what must hold before a test is worth running; arguments: steps',
    act: check,
  },
  bench: { says: 'build, then measure; --help says what', act: bench, hasHelp: true },
  faults: {
    says: 'build, then break things on purpose; --help says how',
    act: faults,
    hasHelp: true,
  },
  build: { says: 'bundle the packages that are published, if anything changed', act: build },
}

/**
 * @param {readonly string[]} argv the command and its arguments
 * @returns {Promise<number>} the exit code
 */
export async function main([name = '--help', ...args]) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)))
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const isHelp = args[0] === '--help' && command?.hasHelp !== true
  if (command === undefined || isHelp) return help(name)
  try {
    return await command.act(await setUp(), args)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    return 1
  }
}

/** @param {string} name */
function help(name) {
  const isAsked = name === '--help' || Object.hasOwn(commands, name)
  if (!isAsked) console.error(`no such command: ${name}`)
  console.log('npm run COMMAND [-- arguments]; a fresh clone is set up first\n')
  for (const [command, { says }] of Object.entries(commands)) {
    console.log(`  ${command.padEnd(6)} ${says}`)
  }
  return isAsked ? 0 : 2
}

/** Reads the pages of the example, all at once. @type {Command['act']} */
async function demo(tools, args) {
  const { node, env } = tools
  const asya = resolve('packages/cli/dist/main.js')
  const cwd = 'examples/document-triage'
  const pages = readdirSync(`${cwd}/pages`).sort()
  const payloads = pages.flatMap((page) => ['--json', JSON.stringify({ path: `pages/${page}` })])
  const call = [asya, 'call', 'triage', ...payloads, '--output', 'table', ...args]
  return (await build(tools)) || run(node, call, { env, cwd })
}

/** @type {Command['act']} */
async function test(tools, args) {
  const status = await build(tools)
  if (status !== 0) return status
  // What tests leave behind goes with it.
  const folder = mkdtempSync(join(tmpdir(), 'asya-test-'))
  // PostgreSQL has a user of its own, which must get through.
  chmodSync(folder, 0o711)
  try {
    const env = { ...withCompileCache(tools), TMPDIR: folder }
    return await run('vitest', ['run', ...args], { env })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @type {Command['act']} */
async function bench(tools, args) {
  return (await build(tools)) || run(tools.node, ['bench/main.ts', ...args], { env: tools.env })
}

/** @type {Command['act']} */
async function faults(tools, args) {
  const env = withCompileCache(tools)
  return (await build(tools)) || run(tools.node, ['faults/main.ts', ...args], { env })
}

/** For hundreds of processes that load the same libraries. @param {Tools} tools */
function withCompileCache({ env }) {
  return { ...env, NODE_COMPILE_CACHE: resolve('build/compile-cache') }
}
