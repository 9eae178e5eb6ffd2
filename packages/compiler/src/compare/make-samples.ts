import type { Json, JsonSchema } from '../model/model.ts'
import { listAlternatives, type Alternative } from './alternatives.ts'
import { findLeast } from './bounds.ts'
import { isRequired, listMemberNames, schemasOfItem, schemasOfMember } from './members.ts'
import type { AllOf, SchemaSource } from './schema-source.ts'

/** More are not needed to show that something is refused, and none may be found at all. */
const MAX_SAMPLES = 24
const MAX_DEPTH = 5
const MAX_LENGTH = 2_000

/**
 * Some values that satisfy the schemas, near their bounds and near those of the `others`, which may
 * refuse them. None, when none is easily found.
 */
export function makeSamples(
  all: AllOf,
  source: SchemaSource,
  others: readonly JsonSchema[] = [],
): Json[] {
  return new Sampler(source).sample(all, others, 0)
}

class Sampler {
  readonly #source: SchemaSource

  constructor(source: SchemaSource) {
    this.#source = source
  }

  sample(all: AllOf, others: readonly JsonSchema[], depth: number): Json[] {
    if (depth > MAX_DEPTH) return []
    const { list } = listAlternatives(all, this.#source)
    return list
      .slice(0, MAX_SAMPLES)
      .flatMap((one) => this.#guess(one, others, depth).slice(0, MAX_SAMPLES))
      .filter((value) => this.#source.accepts(all, value))
      .slice(0, MAX_SAMPLES)
  }

  #guess({ type, schemas, values }: Alternative, others: readonly JsonSchema[], depth: number) {
    if (values) return [...values]
    const said = schemas.flatMap((schema) => [...(schema.examples ?? []), schema.default])
    const given = said.filter((value) => value !== undefined)
    switch (type) {
      case 'number':
        return [...guessNumbers([...schemas, ...others]), ...given]
      case 'string':
        return [...guessTexts([...schemas, ...others]), ...given]
      case 'array':
        return this.#guessArrays(schemas, others, depth)
      case 'object':
        return this.#guessObjects(schemas, depth)
      case 'null':
      case 'boolean':
        return []
    }
  }

  #guessArrays(schemas: readonly JsonSchema[], others: readonly JsonSchema[], depth: number) {
    const lengths = listLengths([...schemas, ...others], 'minItems', 'maxItems')
    const least = findLeast(schemas, 'minItems')
    const wanted = [...new Set([least, ...lengths])].filter((n) => n >= least && n <= 100)
    return wanted.flatMap((length): Json[] => {
      const items = Array.from({ length }, (_, index) =>
        this.sample(schemasOfItem(schemas, index), [], depth + 1).at(0),
      )
      return items.every((item) => item !== undefined) ? [items] : []
    })
  }

  /** One with what must be there, and for each member others that differ in it. */
  #guessObjects(schemas: readonly JsonSchema[], depth: number): Json[] {
    const least: Record<string, Json> = {}
    const members = listMemberNames(schemas).map((name) => ({
      name,
      values: this.sample(schemasOfMember(schemas, name), [], depth + 1),
    }))
    for (const { name, values } of members) {
      const [value] = values
      if (isRequired(schemas, name) && value !== undefined) least[name] = value
    }
    const varied = members.flatMap(({ name, values }) =>
      values.slice(0, 4).map((value) => ({ ...least, [name]: value })),
    )
    return [least, ...varied]
  }
}

function guessNumbers(schemas: readonly JsonSchema[]): number[] {
  const marks = schemas.flatMap((schema) =>
    [
      schema.minimum,
      schema.maximum,
      schema.exclusiveMinimum,
      schema.exclusiveMaximum,
      schema.multipleOf,
    ].filter((mark) => mark !== undefined),
  )
  return [0, ...marks].flatMap((mark) => [mark, mark + 1, mark - 1, mark + 0.5, mark - 0.5])
}

function guessTexts(schemas: readonly JsonSchema[]): string[] {
  const lengths = listLengths(schemas, 'minLength', 'maxLength')
  return ['', 'a', '0', 'A b', ...lengths.map((length) => 'a'.repeat(Math.min(length, MAX_LENGTH)))]
}

function listLengths(
  schemas: readonly JsonSchema[],
  least: 'minLength' | 'minItems',
  most: 'maxLength' | 'maxItems',
): number[] {
  return schemas
    .flatMap((schema) => [schema[least], schema[most]])
    .flatMap((mark) => (mark === undefined ? [] : [mark - 1, mark, mark + 1]))
    .filter((length) => length >= 0)
}
