/**
 * `node scripts/build-examples.mjs [--check]`: builds every example as its author would, and keeps the
 * AsyncAPI documents in `asyncapi/examples/`. With `--check` it only compares.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const target = 'asyncapi/examples'
const isCheck = process.argv.includes('--check')
const asya = 'packages/cli/bin/asya.js'

/** @type {string[]} */
const problems = []

/** @param {string} folder @returns {string[]} */
function listFiles(folder) {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

/** @param {string} example */
function build(example) {
  const outDir = `build/examples/${example}`
  const args = [asya, 'build', `examples/${example}`, '--no-bundle', '--out', outDir]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) problems.push(`examples/${example} does not build\n${stdout}${stderr}`)
  else compare(`${outDir}/asyncapi`, `${target}/${example}`)
}

/**
 * @param {string} made
 * @param {string} kept
 */
function compare(made, kept) {
  const names = listFiles(made)
  for (const name of names) {
    const text = readFileSync(join(made, name), 'utf8')
    const path = join(kept, name)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    if (isCheck) problems.push(`${path} is not what the example makes`)
    else {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
  }
  for (const name of listFiles(kept).filter((name) => !names.includes(name))) {
    if (isCheck) problems.push(`${join(kept, name)} is made no more`)
    else rmSync(join(kept, name))
  }
}

const examples = readdirSync('examples').filter((name) =>
  existsSync(`examples/${name}/package.json`),
)
for (const example of examples) build(example)
if (isCheck) {
  const kept = existsSync(target) ? readdirSync(target) : []
  for (const name of kept.filter((name) => !examples.includes(name)))
    problems.push(`${target}/${name} is of no example`)
}

for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error('run node scripts/build-examples.mjs, after npm run build')
  process.exitCode = 1
}
