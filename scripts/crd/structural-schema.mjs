/**
 * From a JSON Schema of the compiler to what a CRD takes: a structural schema of OpenAPI 3, which has
 * no references, no `const`, no lists of types, and never both `properties` and
 * `additionalProperties`.
 *
 * @typedef {import('../../packages/compiler/src/model/model.ts').JsonSchema} JsonSchema
 * @typedef {Record<string, unknown>} Structural
 * @typedef {object} Context
 * @property {Readonly<Record<string, JsonSchema>>} schemas the named ones
 * @property {(path: string, schema: Structural) => Structural} complete adds what the type cannot say
 */

const PREFIX = '#/components/schemas/'

/** Keywords that mean the same in both. */
const SHARED = [
  'description',
  'default',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
]

/**
 * @param {JsonSchema} schema
 * @param {string} path
 * @param {Context} context
 * @returns {Structural}
 */
export function toStructural(schema, path, context) {
  const whole = resolve(schema, context)
  /** @type {Structural} */
  const made = { ...readShape(whole, path, context) }
  for (const keyword of SHARED) {
    const value = whole[/** @type {keyof JsonSchema} */ (keyword)]
    if (value !== undefined) made[keyword] = keyword === 'description' ? unwrap(value) : value
  }
  return context.complete(path, made)
}

/** Lines of a comment are as long as the source; paragraphs stay. @param {unknown} text */
function unwrap(text) {
  return String(text).replace(/([^\n])\n(?!\n)/g, '$1 ')
}

/**
 * What stands beside a reference goes before what it refers to.
 *
 * @param {JsonSchema} schema
 * @param {Context} context
 * @returns {JsonSchema}
 */
function resolve(schema, context) {
  const { $ref, allOf, ...beside } = schema
  if ($ref === undefined && allOf === undefined) return schema
  const referred = $ref === undefined ? allOf : [{ $ref }]
  if (referred?.length !== 1 || referred[0]?.$ref === undefined)
    throw new Error(`a CRD cannot say this: ${JSON.stringify(schema)}`)
  const target = context.schemas[referred[0].$ref.slice(PREFIX.length)]
  if (target === undefined) throw new Error(`there is no schema ${referred[0].$ref}`)
  return { ...resolve(target, context), ...beside }
}

/**
 * @param {JsonSchema} schema
 * @param {string} path
 * @param {Context} context
 * @returns {Structural}
 */
function readShape(schema, path, context) {
  if (isNumberOrText(schema)) return { 'x-kubernetes-int-or-string': true }
  const values = schema.const === undefined ? schema.enum : [schema.const]
  if (values !== undefined) return { type: typeOf(values, path), enum: values }
  switch (schema.type) {
    case 'object':
      return readObject(schema, path, context)
    case 'array':
      if (schema.items === undefined || Array.isArray(schema.items)) break
      return {
        type: 'array',
        items: toStructural(/** @type {JsonSchema} */ (schema.items), `${path}[]`, context),
      }
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
      return { type: schema.type }
  }
  throw new Error(`a CRD cannot say what is at ${path}: ${JSON.stringify(schema)}`)
}

/**
 * Named members beside others: the others are kept as they are.
 *
 * @param {JsonSchema} schema
 * @param {string} path
 * @param {Context} context
 * @returns {Structural}
 */
function readObject({ properties, required, additionalProperties }, path, context) {
  const members = Object.entries(properties ?? {})
  if (members.length === 0) {
    if (typeof additionalProperties !== 'object') return { type: 'object' }
    const values = toStructural(additionalProperties, `${path}.*`, context)
    return { type: 'object', additionalProperties: values }
  }
  return {
    type: 'object',
    ...(additionalProperties === undefined ? {} : { 'x-kubernetes-preserve-unknown-fields': true }),
    ...(required === undefined ? {} : { required: [...required] }),
    properties: Object.fromEntries(
      members.map(([name, member]) => [name, toStructural(member, below(path, name), context)]),
    ),
  }
}

/** @param {string} path @param {string} name */
function below(path, name) {
  return path === '' ? name : `${path}.${name}`
}

/** @param {JsonSchema} schema */
function isNumberOrText({ type, anyOf }) {
  const types = anyOf === undefined ? type : anyOf.map((each) => each.type)
  return Array.isArray(types) && /^(integer|number),string$/.test([...types].sort().join())
}

/** @param {readonly unknown[]} values @param {string} path */
function typeOf(values, path) {
  const types = [...new Set(values.map((value) => typeof value))]
  const [type] = types
  if (types.length === 1 && (type === 'string' || type === 'boolean')) return type
  throw new Error(`a CRD cannot say what is at ${path}: one of ${JSON.stringify(values)}`)
}
