import { existsSync, readFileSync } from 'node:fs'
import { arrows, examplesMayImport, listImports } from './scripts/arrows.mjs'

const isTest =
  '\\.(test|test-d)\\.ts$|^packages/(transport|runtime-node|gateway|operator)/.*/conformance(/|\\.ts$)|^packages/(transport/src/rabbitmq|gateway/src)/testing/'
const isTooling = '^(scripts|bench|e2e|faults|asyncapi)/|^[^/]+$'

/**
 * What a package offers by its package.json needs no importer in this repository.
 *
 * @param {string} name
 */
function listOffered(name) {
  const path = `packages/${name}/package.json`
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return [...text.matchAll(/"\.\/(src\/[^"]+)"/g)].map(([, file]) => `^packages/${name}/${file}$`)
}

/**
 * @param {string} from
 * @param {readonly string[]} allowed folders below `packages/`
 * @returns {import('dependency-cruiser').IForbiddenRuleType}
 */
function allowOnly(from, allowed) {
  const names = allowed.length > 0 ? allowed.join('|') : '(?!)'
  return {
    name: `arrow:${from.replace(/^packages\//, '')}`,
    comment: `${from} may import ${allowed.join(', ') || 'no other package'} (scripts/arrows.mjs)`,
    severity: 'error',
    from: { path: `^${from}/` },
    to: { path: '^packages/', pathNot: `^${from}/|^packages/(${names})/` },
  }
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...arrows.map((arrow) => allowOnly(`packages/${arrow.name}`, listImports(arrow))),
    allowOnly('examples', examplesMayImport),
    {
      name: 'no-import-of-examples',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(examples|e2e|faults|bench|scripts)/' },
    },
    {
      name: 'packages-by-name',
      comment: 'Another package is imported by its name (@asya/…), never by a relative path',
      severity: 'error',
      from: { path: '^(packages|examples)/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          ...[isTest, isTooling, '\\.d\\.ts$', '^examples/', '/gallery/', '/src/main\\.ts$'],
          ...arrows.flatMap((arrow) => listOffered(arrow.name)),
        ],
      },
      to: {},
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared-dependencies',
      comment: 'Shipped code imports only what its own package.json names',
      severity: 'error',
      from: { path: '^(packages|examples)/', pathNot: isTest },
      to: {
        pathNot: '^packages/[^/]+/src/',
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
      },
    },
    {
      name: 'no-test-code-in-shipped-code',
      severity: 'error',
      from: { path: '^packages/', pathNot: isTest },
      to: { path: isTest },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/(dist|build)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'types', 'default'],
      extensions: ['.ts', '.d.ts', '.mjs', '.js', '.json'],
    },
  },
}
