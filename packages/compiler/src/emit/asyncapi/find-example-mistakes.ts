import { dereference, validate, type Schema } from '@cfworker/json-schema'
import { readSchemaName, type JsonSchema } from '../../model/model.ts'
import { rewriteSchema } from '../self-contained.ts'
import { isObject, type Found } from './walk-document.ts'

/** Examples and defaults that their own schema refuses. */
export function findExampleMistakes(
  document: object,
  objects: readonly Found[],
): readonly string[] {
  const claims = objects.flatMap(listClaims)
  if (claims.length === 0) return []
  const judge = createJudge(document, claims)
  return claims.flatMap(({ path, value }, index) => {
    const reason = judge(index)
    return reason === undefined ? [] : [`${path}: ${JSON.stringify(value)} ${reason}`]
  })
}

/** A value that a document says is valid. */
interface Claim {
  readonly schema: JsonSchema
  readonly path: string
  readonly value: unknown
}

function listClaims({ path, value, isSchema }: Found): readonly Claim[] {
  const examples = Array.isArray(value['examples']) ? (value['examples'] as unknown[]) : []
  if (isSchema) {
    const claims = examples.map((example, index) => ({
      schema: value,
      path: `${path}/examples/${index}`,
      value: example,
    }))
    if (!Object.hasOwn(value, 'default')) return claims
    return [...claims, { schema: value, path: `${path}/default`, value: value['default'] }]
  }
  const schema = value['payload']
  return examples.flatMap((example, index) => {
    if (!isObject(example) || !('payload' in example) || !isObject(schema)) return []
    return [{ schema, path: `${path}/examples/${index}/payload`, value: example['payload'] }]
  })
}

/**
 * Says of a claim, by its index, what is wrong with it. With a validator that interprets: to compile
 * each schema for one value took longer than the rest of a build.
 */
function createJudge(
  document: object,
  claims: readonly Claim[],
): (index: number) => string | undefined {
  const schemas = listSchemas(document)
  const definitions = [
    ...schemas,
    ...claims.map(({ schema }, index) => [`${index}`, schema] as const),
  ]
  const plain = new Map(definitions.map(([name, schema]) => [name, toPlain(schema)]))
  const lookup = dereference({ definitions: Object.fromEntries(plain) })
  return (index) => {
    const schema = plain.get(`${index}`) ?? {}
    const { valid, errors } = validate(claims[index]?.value, schema, DRAFT, lookup)
    if (valid) return undefined
    // The last one is the innermost.
    const last = errors.at(-1)
    return `is refused by its schema: ${last?.instanceLocation ?? '#'}: ${last?.error ?? ''}`
  }
}

const DRAFT = '7'

function listSchemas(document: object): readonly (readonly [string, JsonSchema])[] {
  const components = 'components' in document ? document.components : undefined
  const schemas = isObject(components) ? components['schemas'] : undefined
  return Object.entries(isObject(schemas) ? schemas : {}).map(([name, schema]) => [
    name,
    isObject(schema) ? schema : {},
  ])
}

/** A name is no base for references here, and an example is no schema to look into. */
function toPlain(schema: JsonSchema): Schema {
  const plain = rewriteSchema(
    schema,
    ({ $ref, $id: _id, examples: _examples, default: _default, discriminator: _tag, ...rest }) =>
      $ref === undefined
        ? rest
        : { $ref: `#/definitions/${encodeURIComponent(readSchemaName($ref))}` },
  )
  return plain as Schema
}
