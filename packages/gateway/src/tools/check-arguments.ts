import { jsonKind, parseJson, scanObject, type JsonBytes } from '@asya/protocol'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { toBoundedPattern } from './bounded-pattern.ts'
import type { ArgumentCheck } from './tool.ts'

/** A caller learns the first mistakes; a schema of a long list would find thousands. */
const MAX_PROBLEMS = 10

/** Of names that the caller chose. */
const MAX_SHOWN_LENGTH = 200

/**
 * Makes the check of a tool's arguments by its input schema. With `argument`, the payload is that
 * member's value; without, it is the whole object. The payload travels as it was written.
 */
export function compileCheck(
  inputSchema: Readonly<Record<string, unknown>>,
  argument: string | undefined,
): (argumentsBytes: JsonBytes) => ArgumentCheck {
  const ajv = new Ajv({
    ...{ strict: false, allErrors: false, logger: false },
    // What every object inherits, such as "constructor", is in no JSON.
    ownProperties: true,
    code: { regExp: toBoundedPattern },
  })
  addFormats.default(ajv)
  let compiled: Compiled | undefined
  return (bytes) => {
    if (jsonKind(bytes) !== 'object') return refuse(['arguments: expected an object'])
    const value = parseJson(bytes)
    if (value === undefined) return refuse(['arguments: this is no JSON'])
    // For the first call of a tool: a catalog may have hundreds of them.
    compiled ??= compile(ajv, inputSchema)
    if (!compiled.ok) return refuse([`the tool's input schema is of no use: ${compiled.reason}`])
    const { validate } = compiled
    if (!validate(value)) return refuse((validate.errors ?? []).map(describe))
    return argument === undefined ? { ok: true, payload: bytes } : pickMember(bytes, argument)
  }
}

type Compiled =
  | { readonly ok: true; readonly validate: ValidateFunction }
  | { readonly ok: false; readonly reason: string }

/** A catalog may be written by hand: with a pattern that is none, or a `$ref` to nothing. */
function compile(ajv: Ajv, inputSchema: Readonly<Record<string, unknown>>): Compiled {
  try {
    return { ok: true, validate: ajv.compile(inputSchema) }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

function pickMember(bytes: JsonBytes, name: string): ArgumentCheck {
  const scanned = scanObject(bytes)
  const member = scanned.ok && scanned.value.findLast((candidate) => candidate.name === name)
  return member ? { ok: true, payload: member.value } : refuse([`arguments.${name}: is missing`])
}

function refuse(problems: readonly string[]): ArgumentCheck {
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const path = `arguments${instancePath.slice(0, MAX_SHOWN_LENGTH).replaceAll('/', '.')}`
  const extra: unknown = Reflect.get(params, 'additionalProperty')
  const named =
    typeof extra === 'string' ? ` (${JSON.stringify(extra.slice(0, MAX_SHOWN_LENGTH))})` : ''
  return `${path}: ${message ?? 'is not what the schema says'}${named}`
}
