import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import {
  readSchemaName,
  type ActorModel,
  type Json,
  type JsonSchema,
  type Model,
} from '../../model/model.ts'
import { listReachable } from '../asyncapi/reachable.ts'
import { rewriteSchema } from '../self-contained.ts'
import { GUARD_FORMATS } from './formats.ts'
import { GUARD_PRELUDE } from './guard-prelude.ts'

/**
 * The module that checks what an actor takes and returns, without an import:
 *
 *     checkInput(value): undefined | { path: '$.items[3].at', message: 'is missing' }
 *     checkOutput(value): the same, for one result
 */
export function writeGuard(actor: ActorModel, model: Model): string {
  const { input, output } = actor
  const types = [input, ...(output ? [output] : [])].map(({ schema }) => schema)
  const ajv = new Ajv({
    // To make it shorter takes ajv as long as to make it.
    code: { source: true, esm: true, optimize: false },
    strict: false,
    logger: false,
    validateSchema: false,
    meta: false,
    messages: false,
    discriminator: true,
    formats: GUARD_FORMATS,
  })
  const names = listReachable(types, model.schemas)
  const definitions = names.map((name): [string, object] => [
    name,
    toAjv(model.schemas[name] ?? {}, model),
  ])
  ajv.addSchema({ $id: TYPES, definitions: Object.fromEntries(definitions) })
  ajv.addSchema({ $id: 'input', ...toAjv(input.schema, model) })
  if (output) ajv.addSchema({ $id: 'output', ...toAjv(output.schema, model) })
  const checks = { validateInput: 'input', ...(output && { validateOutput: 'output' }) }
  const code = inlineImports(standalone.default(ajv, checks))
  return [
    GUARD_PRELUDE,
    code,
    writeCheck('Input', true),
    writeCheck('Output', output !== undefined),
  ]
    .map((part) => part.trim())
    .join('\n\n')
    .concat('\n')
}

const TYPES = 'types'

function writeCheck(side: 'Input' | 'Output', isTyped: boolean): string {
  // An actor that returns nothing has no output to check.
  if (!isTyped) return `export function check${side}() {\n  return undefined\n}`
  return `export function check${side}(value) {
  return validate${side}(value) ? undefined : explain(validate${side}.errors, value)
}`
}

/** What ajv would import is in the prelude. */
function inlineImports(code: string): string {
  const inlined = code
    .replace(/^"use strict";/, '')
    .replaceAll(/export const (validate(?:In|Out)put) ?=/g, 'const $1 =')
    .replaceAll(/export default [^;]*;/g, '')
    .replaceAll(/require\("ajv\/dist\/runtime\/(equal|ucs2length)"\)\.default/g, '$1')
  const left = /require\([^)]*\)|\b(?:im|ex)port\b/.exec(inlined)
  if (left) throw new Error(`ajv wants ${left[0]} in a guard: a defect of asya build`)
  return inlined
}

/** References lead to the schema of all types, and alternatives are told apart by their member. */
function toAjv(schema: JsonSchema, model: Model): object {
  return rewriteSchema(schema, ({ $id: _id, $ref, discriminator: tag, ...rest }) => {
    if ($ref !== undefined) {
      const name = readSchemaName($ref)
      return { $ref: `${TYPES}#/definitions/${encodeURIComponent(name)}` }
    }
    const values = tag === undefined ? undefined : listTagValues(rest.oneOf ?? [], tag, model)
    return tag === undefined || !values ? rest : discriminate(rest, tag, values)
  })
}

/** First the member that decides, so that a wrong one is told with all that are right. */
function discriminate({ oneOf, ...rest }: JsonSchema, tag: string, values: Json[]): JsonSchema {
  const decider: JsonSchema = {
    type: 'object',
    required: [tag],
    properties: { [tag]: { enum: values } },
  }
  const alternatives: object = { type: 'object', discriminator: { propertyName: tag }, oneOf }
  return { ...rest, allOf: [...(rest.allOf ?? []), decider, alternatives] }
}

/** The values that tell alternatives apart; undefined when ajv could not tell them apart by those. */
function listTagValues(
  alternatives: readonly JsonSchema[],
  tag: string,
  model: Model,
): Json[] | undefined {
  const values: Json[] = []
  for (const alternative of alternatives) {
    const found = listValues(resolve(alternative, model), tag)
    if (!found) return undefined
    values.push(...found)
  }
  const areDistinct = new Set(values).size === values.length
  return areDistinct && values.every((value) => typeof value === 'string') ? values : undefined
}

function listValues(
  { required, properties }: JsonSchema,
  tag: string,
): readonly Json[] | undefined {
  const member = properties?.[tag]
  if (!member || !required?.includes(tag)) return undefined
  return member.const === undefined ? member.enum : [member.const]
}

/** References were rewritten already where this looks: from the innermost on. */
function resolve(schema: JsonSchema, model: Model): JsonSchema {
  const name = schema.$ref?.replace(`${TYPES}#/definitions/`, '')
  if (name === undefined) return schema
  return model.schemas[decodeURIComponent(name)] ?? {}
}
