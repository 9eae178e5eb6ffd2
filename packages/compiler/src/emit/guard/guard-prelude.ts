/**
 * The part that all guards have in common, as the text that it is in each of them: what ajv's code
 * calls, and how its errors are told to an author. It names no value of a payload, which may hold a
 * secret.
 */
export const GUARD_PRELUDE = String.raw`
function ucs2length(text) {
  let length = text.length
  for (let at = 0; at < text.length - 1; at++) {
    const high = text.charCodeAt(at)
    const low = text.charCodeAt(at + 1)
    if (high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff) {
      length--
      at++
    }
  }
  return length
}

function equal(a, b) {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]))
}

function explain(errors, value) {
  const error = choose(errors)
  const place = locate(value, error.instancePath)
  const member = memberOf(error)
  const path = member === undefined ? place.path : place.path + write(member)
  return { path, message: describe(error, errors, place.value) }
}

function choose(errors) {
  const last = errors[errors.length - 1]
  if (last.keyword !== 'anyOf' && last.keyword !== 'oneOf') return last
  let deepest = last
  for (const error of errors)
    if (depthOf(error) > depthOf(deepest)) deepest = error
  return deepest
}

function depthOf(error) {
  return error.instancePath.split('/').length
}

function memberOf({ keyword, params }) {
  if (keyword === 'required') return params.missingProperty
  if (keyword === 'additionalProperties') return params.additionalProperty
  return undefined
}

function locate(value, pointer) {
  let path = '$'
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path += Array.isArray(value) ? '[' + name + ']' : write(name)
    value = value?.[name]
  }
  return { path, value }
}

function write(name) {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? '.' + name : '[' + JSON.stringify(name) + ']'
}

const KINDS = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'an object',
}

function kindOf(value) {
  if (value === null) return 'null'
  if (value === undefined) return 'undefined'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'boolean') return String(value)
  return KINDS[typeof value] ?? 'a ' + typeof value
}

const COMPARISONS = { '>=': 'at least', '>': 'more than', '<=': 'at most', '<': 'less than' }

function count(number, what) {
  return number + ' ' + what + (number === 1 ? '' : 's')
}

function list(values) {
  const texts = values.slice(0, 12).map((value) => JSON.stringify(value))
  if (values.length > 12) texts.push('…')
  return texts.length === 1 ? texts[0] : 'one of ' + texts.join(', ')
}

function describe({ keyword, params, instancePath }, errors, value) {
  switch (keyword) {
    case 'type':
      return 'must be ' + join([params.type].flat()) + ', and is ' + kindOf(value)
    case 'required':
      return 'is missing'
    case 'additionalProperties':
      return 'is a member that nobody knows'
    case 'enum':
      return 'must be ' + list(params.allowedValues)
    case 'const':
      return 'must be ' + list([params.allowedValue])
    case 'format':
      return 'must be written as the format ' + params.format + ' says'
    case 'pattern':
      return 'must match ' + params.pattern
    case 'minLength':
      return 'must have at least ' + count(params.limit, 'character')
    case 'maxLength':
      return 'must have at most ' + count(params.limit, 'character')
    case 'minItems':
      return 'must have at least ' + count(params.limit, 'item')
    case 'maxItems':
    case 'additionalItems':
      return 'must have at most ' + count(params.limit, 'item')
    case 'minProperties':
      return 'must have at least ' + count(params.limit, 'member')
    case 'maxProperties':
      return 'must have at most ' + count(params.limit, 'member')
    case 'uniqueItems':
      return 'has the same item twice, at ' + params.j + ' and ' + params.i
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return 'must be ' + COMPARISONS[params.comparison] + ' ' + params.limit
    case 'multipleOf':
      return 'must be a multiple of ' + params.multipleOf
    case 'oneOf':
      if (params.passingSchemas) return 'fits several alternatives at once'
    case 'anyOf':
      return describeAlternatives(errors, instancePath, value)
    default:
      return 'is not allowed by "' + keyword + '"'
  }
}

function describeAlternatives(errors, instancePath, value) {
  const here = errors.filter((error) => error.instancePath === instancePath)
  const types = here.filter(({ keyword }) => keyword === 'type').flatMap(({ params }) => params.type)
  const missing = here.filter(({ keyword }) => keyword === 'required')
  if (missing.length > 0 && types.length < 2)
    return 'fits no alternative: it lacks ' + missing.map((error) => memberOf(error)).join(', or ')
  const wanted = here.filter(({ keyword }) => keyword === 'const' || keyword === 'enum')
  const values = wanted.flatMap(({ params }) => params.allowedValues ?? [params.allowedValue])
  const words = [...new Set(types)].map((type) => KINDS[type])
  if (values.length > 0) words.push(list(values))
  if (words.length === 0) return 'fits no alternative'
  return 'must be ' + words.join(' or ') + (values.length > 0 ? '' : ', and is ' + kindOf(value))
}

function join(types) {
  return types.map((type) => KINDS[type]).join(' or ')
}
`.trimStart()
