/**
 * Proves that package.json, the tsconfig references and the table in ARCHITECTURE.md agree with
 * `arrows.mjs`. What the code itself imports is dependency-cruiser's part.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { arrows, listImports } from './arrows.mjs'

/** @type {string[]} */
const problems = []

/**
 * @param {string} where
 * @param {readonly string[]} found
 * @param {readonly string[]} expected
 */
function compare(where, found, expected) {
  const missing = expected.filter((name) => !found.includes(name))
  const extra = found.filter((name) => !expected.includes(name))
  if (missing.length > 0) problems.push(`${where} lacks ${missing.join(', ')}`)
  if (extra.length > 0) problems.push(`${where} has ${extra.join(', ')}, which no arrow allows`)
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/**
 * The folders that a tsconfig.json refers to, without parts of packages.
 *
 * @param {string} path
 * @returns {string[]}
 */
function readReferences(path) {
  /** @type {{ path: string }[]} */
  const references = readJson(path).references ?? []
  return references
    .filter((reference) => !reference.path.includes('/src/'))
    .map((reference) => reference.path.replace(/^.*\//, ''))
}

/** @param {string} folder */
function checkPackage(folder) {
  const arrow = arrows.find((candidate) => candidate.name === folder)
  if (arrow === undefined) return problems.push(`packages/${folder} has no row in arrows.mjs`)
  const manifest = readJson(`packages/${folder}/package.json`)
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter((name) => name.startsWith('@asya/'))
    .map((name) => name.slice('@asya/'.length))
  const references = readReferences(`packages/${folder}/tsconfig.json`)
  const allowed = listImports(arrow)
  // `all` is a permission, not a duty: such a package names what it uses.
  const expected =
    arrow.mayImport === 'all' ? dependencies.filter((d) => allowed.includes(d)) : allowed
  compare(`packages/${folder}/package.json`, dependencies, expected)
  compare(`packages/${folder}/tsconfig.json`, references, expected)
}

/**
 * The rows `| layer | package | holds | may import |` of ARCHITECTURE.md, each as one line of text.
 *
 * @param {string} markdown
 */
function readTable(markdown) {
  const lines = markdown.split('\n')
  const head = lines.findIndex((line) =>
    /^\|\s*layer\s*\|\s*package\s*\|\s*holds\s*\|\s*may import\s*\|\s*$/i.test(line),
  )
  if (head === -1) return undefined
  const end = lines.findIndex((line, index) => index > head && !line.startsWith('|'))
  return lines.slice(head + 2, end === -1 ? undefined : end).flatMap((line) => {
    const cells = line.replace(/\\\|/g, ' ').split('|').slice(1, -1)
    const [layer = '', names = '', , imports = ''] = cells.map((cell) =>
      cell.replaceAll('`', '').trim(),
    )
    const sorted = imports.split(/\s*,\s*/).filter((name) => !/^[–—-]?$/.test(name))
    return names.split(/\s*,\s*/).map((name) => `${layer} | ${name} | ${sorted.sort().join(', ')}`)
  })
}

function checkArchitecture() {
  if (!existsSync('ARCHITECTURE.md')) return problems.push('ARCHITECTURE.md is missing')
  const rows = readTable(readFileSync('ARCHITECTURE.md', 'utf8'))
  if (rows === undefined) {
    return problems.push('ARCHITECTURE.md has no table | layer | package | holds | may import |')
  }
  const expected = arrows.map(({ layer, name, mayImport }) => {
    const imports = mayImport === 'all' ? 'all' : [...mayImport].sort().join(', ')
    return `${layer} | ${name} | ${imports}`
  })
  for (const row of expected.filter((row) => !rows.includes(row))) {
    problems.push(`ARCHITECTURE.md lacks the row "${row}" (layer, package, may import)`)
  }
  for (const row of rows.filter((row) => !expected.includes(row))) {
    problems.push(`ARCHITECTURE.md has the row "${row}", which arrows.mjs lacks`)
  }
}

const folders = readdirSync('packages').filter((name) =>
  existsSync(`packages/${name}/package.json`),
)
for (const folder of folders) checkPackage(folder)
compare(
  'packages/',
  folders,
  arrows.map((arrow) => arrow.name),
)
compare('tsconfig.json', readReferences('tsconfig.json'), [...folders, 'tsconfig.tools.json'])
compare('tsconfig.tools.json', readReferences('tsconfig.tools.json'), folders)
checkArchitecture()

for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
