import {
  jsonKind,
  MAX_MEMBERS,
  scanArray,
  scanObject,
  stringifyToBytes,
  toJsonBytes,
  type JsonBytes,
} from '@asya/protocol'
import type { Parameter, Parameters } from './parameter.ts'

/**
 * Adds the defaults of what was left out, at the end of its object; all else stays as it was written.
 * Returns the same bytes when nothing was left out.
 */
export function fillDefaults(object: JsonBytes, parameters: Parameters): JsonBytes {
  const scanned = scanObject(object)
  if (!scanned.ok) return object
  let hasChanged = false
  const members = scanned.value.map(({ name, nameBytes, value }) => {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    const filled = parameter ? fillValue(value, parameter) : value
    hasChanged ||= filled !== value
    return [nameBytes, COLON, filled]
  })
  const given = new Set(scanned.value.map(({ name }) => name))
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter.default === undefined || given.has(name)) continue
    hasChanged = true
    members.push([stringifyToBytes(name), COLON, stringifyToBytes(parameter.default)])
  }
  return hasChanged ? join('{', members, '}') : object
}

function fillValue(value: JsonBytes, { properties, items }: Parameter): JsonBytes {
  const kind = jsonKind(value)
  if (properties && kind === 'object') return fillDefaults(value, properties)
  if (!items || kind !== 'array') return value
  const scanned = scanArray(value, MAX_MEMBERS)
  if (!scanned.ok) return value
  const filled = scanned.value.map((item) => fillValue(item, items))
  const hasChanged = filled.some((item, index) => item !== scanned.value[index])
  return hasChanged
    ? join(
        '[',
        filled.map((item) => [item]),
        ']',
      )
    : value
}

const COLON = Buffer.from(':')
const COMMA = Buffer.from(',')

function join(open: string, groups: readonly (readonly Uint8Array[])[], close: string): JsonBytes {
  const parts = groups.flatMap((group, index) => (index === 0 ? group : [COMMA, ...group]))
  return toJsonBytes(Buffer.concat([Buffer.from(open), ...parts, Buffer.from(close)]))
}
