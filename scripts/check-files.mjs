/**
 * Proves what holds for every file that git has or would take: no path of somebody's machine, no
 * host of a package registry, JSON that parses, shell that parses, a lockfile of names and hashes.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const localPath = /(?<![\w.~}/-])\/(?:work|root|home\/(?!node\b)[\w-]+|Users\/[\w-]+)\//
const registryHost =
  /registry\.(?:npmjs|yarnpkg|npmmirror)\.|npm\.pkg\.github\.|verdacci[o]|jfrog\.io/i
const brokenOnPurpose = /^asyncapi\/fixtures\//

/** @type {string[]} */
const problems = []

/**
 * @param {string} path
 * @param {string} text
 */
function checkText(path, text) {
  const own = `${process.cwd()}/`
  for (const [index, line] of text.split('\n').entries()) {
    const match = localPath.exec(line)?.[0] ?? registryHost.exec(line)?.[0]
    if (match === undefined && !line.includes(own)) continue
    problems.push(`${path}:${index + 1} has ${match ?? own}, which holds on one machine only`)
  }
}

/**
 * @param {string} path
 * @param {string} text
 */
function checkSyntax(path, text) {
  if (path.endsWith('.json') && !brokenOnPurpose.test(path)) {
    try {
      JSON.parse(text)
    } catch (error) {
      problems.push(
        `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  if (path.endsWith('.sh') || /^#!.*\b(?:ba)?sh\b/.test(text)) {
    const { status, stderr } = spawnSync('bash', ['-n', path], { encoding: 'utf8' })
    if (status !== 0) problems.push(`${path} is not shell: ${stderr.trim()}`)
  }
}

/**
 * @typedef {{ resolved?: string, integrity?: string, link?: boolean, inBundle?: boolean }} Hashes
 * @typedef {Hashes & { optionalDependencies?: Record<string, string> }} Entry
 */

/** @param {Record<string, Entry>} entries */
function checkLockfile(entries) {
  for (const [path, entry] of Object.entries(entries)) {
    const says = (/** @type {string} */ what) => problems.push(`package-lock.json: ${path} ${what}`)
    if (entry.link === true || !path.includes('node_modules/')) continue
    if (entry.resolved !== undefined) says(`names a host: ${entry.resolved}`)
    if (entry.integrity === undefined && entry.inBundle !== true) says('has no hash')
    // Else `npm ci` fails on every machine: it wants the binaries of all platforms in the lockfile.
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!isLocked(entries, path, name)) says(`wants ${name}, which the registry did not have`)
    }
  }
}

/**
 * Node's look-up: the package's own node_modules, then those of the folders around it.
 *
 * @param {Record<string, Entry>} entries
 * @param {string} path
 * @param {string} name
 */
function isLocked(entries, path, name) {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (entries[`${at}/node_modules/${name}`] !== undefined) return true
  }
  return entries[`node_modules/${name}`] !== undefined
}

const listing = execFileSync('git', [
  'ls-files',
  '-z',
  '--cached',
  '--others',
  '--exclude-standard',
])
for (const path of new Set(listing.toString().split('\0'))) {
  if (path === '' || !existsSync(path)) continue
  const text = readFileSync(path, 'utf8')
  if (text.includes('\0')) continue
  checkText(path, text)
  checkSyntax(path, text)
}
checkLockfile(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages)

for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
