import { Ajv } from 'ajv'
import formatsPlugin from 'ajv-formats'
import { isObject, type Found } from './walk-document.ts'

/** Examples and defaults that their own schema refuses. */
export function findExampleMistakes(
  document: object,
  objects: readonly Found[],
): readonly string[] {
  const claims = objects.flatMap(listClaims)
  if (claims.length === 0) return []
  const judge = createJudge(document)
  return claims.flatMap(({ schema, path, value }) => {
    const reason = judge(schema, value)
    return reason === undefined ? [] : [`${path}: ${JSON.stringify(value)} ${reason}`]
  })
}

/** A value that a document says is valid. */
interface Claim {
  /** Pointer to the schema that it should be valid by. */
  readonly schema: string
  readonly path: string
  readonly value: unknown
}

function listClaims({ path, value, isSchema }: Found): readonly Claim[] {
  const examples = Array.isArray(value['examples']) ? (value['examples'] as unknown[]) : []
  if (isSchema) {
    const claims = examples.map((example, index) => ({
      schema: path,
      path: `${path}/examples/${index}`,
      value: example,
    }))
    if (!Object.hasOwn(value, 'default')) return claims
    return [...claims, { schema: path, path: `${path}/default`, value: value['default'] }]
  }
  return examples.flatMap((example, index) => {
    if (!isObject(example) || !('payload' in example) || !('payload' in value)) return []
    const at = `${path}/examples/${index}/payload`
    return [{ schema: `${path}/payload`, path: at, value: example['payload'] }]
  })
}

type Judge = (schema: string, value: unknown) => string | undefined

function createJudge(document: object): Judge {
  const ajv = new Ajv({ strict: false, logger: false, validateSchema: false, meta: false })
  formatsPlugin.default(ajv)
  // Inside of a document a name is no base for the references below it.
  const { components, channels } = dropIds(document) as Readonly<Record<string, unknown>>
  ajv.addSchema({ components, channels }, 'document')
  return (schema, value) => {
    const pointer = schema.slice(1).split('/').map(encodeURIComponent).join('/')
    const validate = ajv.compile({ $ref: `document#${pointer}` })
    return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'it' })
  }
}

function dropIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropIds)
  if (!isObject(value)) return value
  const members = Object.entries(value).filter(
    ([name, member]) => name !== '$id' || typeof member !== 'string',
  )
  return Object.fromEntries(members.map(([name, member]) => [name, dropIds(member)]))
}
