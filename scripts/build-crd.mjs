/**
 * `node scripts/build-crd.mjs [--check]`: makes the CRD of AsyncActor, and the tables of its page in
 * the docs, from its type and from the table beside it of what a type cannot say. With `--check` it only compares.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { stringify } from 'yaml'
import { COLUMNS, LISTS, RULES } from '../packages/protocol/src/async-actor-rules.ts'
import { describeType } from './crd/describe-type.mjs'
import { writeTables } from './crd/field-tables.mjs'
import { toStructural } from './crd/structural-schema.mjs'

const source = 'packages/protocol/src/async-actor.ts'
const target = 'deploy/crd/asyncactors.asya.io.yaml'
const docs = 'docs/async-actor.md'
const TABLES_BEGIN = '<!-- Made by scripts/build-crd.mjs: do not edit. -->'
const TABLES_END = '<!-- To here. -->'

/** @typedef {import('./crd/structural-schema.mjs').Structural} Structural */

/** Paths of the table that no type has are mistakes in it. @type {Set<string>} */
const unmet = new Set([...RULES.map(({ at }) => at), ...Object.keys(LISTS)])

/** @param {string} path @param {Structural} schema @returns {Structural} */
function complete(path, schema) {
  unmet.delete(path)
  const list = LISTS[path]
  const rules = RULES.filter((rule) => rule.at === path).map((rule) => ({ ...rule, at: undefined }))
  return {
    ...schema,
    ...(list && completeList(list, schema['items'])),
    ...(rules.length > 0 && { 'x-kubernetes-validations': rules }),
  }
}

/** @param {import('../packages/protocol/src/async-actor-rules.ts').ListKeywords} list @param {unknown} items */
function completeList({ maxItems, key, items: keywords }, items) {
  if (key === undefined)
    return { maxItems, items: { ...Object(items), ...keywords }, 'x-kubernetes-list-type': 'set' }
  return { maxItems, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] }
}

const { spec, status, description, schemas } = describeType(source)
const context = { schemas, complete }
const specSchema = toStructural(spec, 'spec', context)
const statusSchema = toStructural(status, 'status', context)
const text = (/** @type {string} */ description) => ({ type: 'string', description })
const schema = complete('', {
  type: 'object',
  description,
  required: ['spec'],
  properties: {
    apiVersion: text('The version of this resource: asya.io/v1alpha1.'),
    kind: text('The kind of this resource: AsyncActor.'),
    metadata: { type: 'object' },
    spec: specSchema,
    status: statusSchema,
  },
})

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'asyncactors.asya.io' },
  spec: {
    group: 'asya.io',
    names: {
      kind: 'AsyncActor',
      listKind: 'AsyncActorList',
      plural: 'asyncactors',
      singular: 'asyncactor',
      shortNames: ['aa'],
      categories: ['all', 'asya'],
    },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: COLUMNS,
        schema: { openAPIV3Schema: schema },
      },
    ],
  },
}
if (unmet.size > 0) throw new Error(`the rules name what no type has: ${[...unmet].join(', ')}`)

/** The page of the resource, with its tables made anew. @param {string} page */
function renewTables(page) {
  const [before, rest] = page.split(TABLES_BEGIN)
  const after = rest?.split(TABLES_END)[1]
  if (before === undefined || after === undefined)
    throw new Error(`${docs} has no place for its tables: ${TABLES_BEGIN} … ${TABLES_END}`)
  const tables = writeTables(specSchema, statusSchema)
  return `${before}${TABLES_BEGIN}\n\n${tables}\n${TABLES_END}${after}`
}

const yaml = stringify(definition, {
  lineWidth: 0,
  aliasDuplicateObjects: false,
  compat: 'yaml-1.1',
})
const header = `# Made by scripts/build-crd.mjs from ${source} and the rules beside it: do not edit.`
const made = [
  { path: target, content: `${header}\n${yaml}` },
  { path: docs, content: renewTables(readFileSync(docs, 'utf8')) },
]
for (const { path, content: unformatted } of made) {
  const content = await format(unformatted, { ...(await resolveConfig(path)), filepath: path })
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== content) {
    console.error(`${path} is not what ${source} makes: run node scripts/build-crd.mjs`)
    process.exitCode = 1
  }
}
