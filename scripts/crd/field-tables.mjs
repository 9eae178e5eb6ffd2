/**
 * The fields of a structural schema as tables of Markdown, one for each member of `spec` that has
 * members itself.
 *
 * @typedef {import('./structural-schema.mjs').Structural} Structural
 */

const HEAD = '| field | type | default | meaning |\n| --- | --- | --- | --- |\n'

/** @param {Structural} spec @param {Structural} status */
export function writeTables(spec, status) {
  const members = Object.entries(membersOf(spec))
  const plain = members.filter(([, schema]) => !hasMembers(schema))
  const groups = members.filter(([, schema]) => hasMembers(schema))
  const required = /** @type {readonly string[]} */ (spec['required'] ?? [])
  return [
    `### spec\n\n${HEAD}${plain.flatMap(([name, each]) => listRows(name, each, required.includes(name))).join('')}`,
    ...groups.map(([name, group]) => `### spec.${name}\n\n${describe(group)}${writeTable(group)}`),
    `### status\n\n${describe(status)}${writeTable(status)}`,
  ].join('\n')
}

/** @param {Structural} schema @returns {Readonly<Record<string, Structural>>} */
function membersOf(schema) {
  return /** @type {Record<string, Structural>} */ (schema['properties'] ?? {})
}

/** @param {Structural} schema */
function hasMembers(schema) {
  return Object.keys(membersOf(schema)).length > 0
}

/** @param {Structural} schema */
function describe({ description }) {
  return description === undefined ? '' : `${String(description)}\n\n`
}

/** @param {Structural} group */
function writeTable(group) {
  return HEAD + listBelow('', group).join('')
}

/** @param {string} path @param {Structural} schema @returns {string[]} */
function listBelow(path, schema) {
  const required = /** @type {readonly string[]} */ (schema['required'] ?? [])
  return Object.entries(membersOf(schema)).flatMap(([name, member]) =>
    listRows(`${path}${name}`, member, required.includes(name)),
  )
}

/** @param {string} path @param {Structural} schema @param {boolean} isRequired @returns {string[]} */
function listRows(path, schema, isRequired) {
  const items = /** @type {Structural} */ (schema['items'] ?? {})
  const cells = [
    `\`${path}\``,
    typeText(schema),
    isRequired ? 'required' : defaultText(schema['default']),
    String(schema['description'] ?? '')
      .replaceAll('|', '\\|')
      .replaceAll('\n', ' '),
  ]
  return [
    `| ${cells.join(' | ')} |\n`,
    ...listBelow(`${path}.`, schema),
    ...listBelow(`${path}[].`, items),
  ]
}

/** @param {unknown} value */
function defaultText(value) {
  return value === undefined || typeof value === 'object' ? '–' : `\`${JSON.stringify(value)}\``
}

/** @param {Structural} schema @returns {string} */
function typeText(schema) {
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or string'
  if (Array.isArray(schema['enum'])) return schema['enum'].map((each) => `\`${each}\``).join(', ')
  if (schema['type'] === 'array')
    return `list of ${typeText(/** @type {Structural} */ (schema['items']))}`
  const values = schema['additionalProperties']
  if (values !== undefined) return `map of ${typeText(/** @type {Structural} */ (values))}`
  const { minimum, maximum } = schema
  const from = minimum === undefined ? '' : ` from ${String(minimum)}`
  const to = maximum === undefined ? '' : ` to ${String(maximum)}`
  return `${String(schema['type'])}${from}${to}`
}
