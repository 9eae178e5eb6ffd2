import { Ajv, type Options } from 'ajv'
import type { Json, JsonSchema } from '../model/model.ts'

/** As draft-07 has it: `true` takes everything, `false` nothing. */
export type Schema = JsonSchema | boolean

/** Schemas that a value must all satisfy; none of them: every value. */
export type AllOf = readonly Schema[]

/** The document that a schema stands in: where its references lead, and whether a value satisfies it. */
export class SchemaSource {
  readonly #document: object
  readonly #compiled = new WeakMap<JsonSchema, (value: Json) => unknown>()
  #ajv: Ajv | undefined

  constructor(document: object) {
    this.#document = document
  }

  /** What a reference such as `#/components/schemas/Page` leads to. */
  resolve(reference: string): unknown {
    if (!reference.startsWith('#')) return undefined
    const names = reference.slice(1).split('/').slice(1).map(readPointerPart)
    return names.reduce<unknown>(
      (value, name) =>
        isRecord(value) || Array.isArray(value) ? Reflect.get(value, name) : undefined,
      this.#document,
    )
  }

  /** Whether a value satisfies all the schemas. Throws when a reference leads nowhere. */
  accepts(all: AllOf, value: Json): boolean {
    return all.every((schema) =>
      typeof schema === 'boolean' ? schema : this.#compile(schema)(value) === true,
    )
  }

  /** Why schemas cannot be used: a pattern that is none, a keyword with a value that it cannot have. */
  findMistake(all: AllOf): string | undefined {
    for (const schema of all) {
      if (typeof schema === 'boolean') continue
      try {
        this.#compile(schema)
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    }
    return undefined
  }

  #openAjv(): Ajv {
    const ajv = new Ajv(OPTIONS)
    ajv.addSchema({ document: toPlain(this.#document) }, DOCUMENT)
    return ajv
  }

  #compile(schema: JsonSchema): (value: Json) => unknown {
    const known = this.#compiled.get(schema)
    if (known) return known
    this.#ajv ??= this.#openAjv()
    const check = this.#ajv.compile(toPlain(schema))
    this.#compiled.set(schema, check)
    return check
  }
}

const OPTIONS: Options = {
  strict: false,
  // Formats are compared by their names: which of them a reader checks is the reader's matter.
  validateFormats: false,
  validateSchema: false,
  meta: false,
  logger: false,
}

/** A scheme of its own: nothing must be resolved against it. The document is no schema, so it lies inside of one. */
const DOCUMENT = 'document:'

/** A part of a reference such as `#/channels/order%20placed`, as the member that it names. */
export function readPointerPart(part: string): string {
  return decode(part).replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Where a `%` begins no escape, nobody escaped anything. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * With references that are found from outside of the document; and without `$id`, which is there for
 * the name: draft-07 would resolve references against it, AsyncAPI does against the document.
 */
function toPlain(part: object): object {
  const text = JSON.stringify(part, (name, value: unknown) => {
    if (typeof value !== 'string') return value
    if (name === '$id') return undefined
    return name === '$ref' && value.startsWith('#')
      ? `${DOCUMENT}#/document${value.slice(1)}`
      : value
  })
  return JSON.parse(text) as object
}
