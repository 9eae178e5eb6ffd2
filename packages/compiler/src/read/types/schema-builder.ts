import type { PayloadType } from '../../model/model.ts'
import type { Problem } from '../../model/problem.ts'
import { nameSchemas, type NamedSchema, type NamedSchemas } from './schema-names.ts'
import { SchemaWalker } from './schema-walker.ts'
import type { CheckedType, SourceNode, TypeReader } from './type-reader.ts'
import { titleDiscriminators } from './union-schema.ts'

export type Description =
  | {
      readonly ok: true
      readonly payload: PayloadType
      /** Warnings alone. */
      readonly problems: readonly Problem[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * Makes JSON Schemas of types. Those that have a name are kept in `named`, and everything else refers
 * to them there.
 *
 * Where two types want one name, what they are called is known only when all were described, maybe by
 * other builders too: `combineSchemas` says.
 */
export class SchemaBuilder {
  readonly #types: TypeReader
  readonly #walker: SchemaWalker

  constructor(types: TypeReader) {
    this.#types = types
    this.#walker = new SchemaWalker(types)
  }

  /**
   * What a payload of this type looks like, or every reason why it cannot be one.
   *
   * `node` is where the type is written, or inferred: problems without a place of their own stand
   * there. `suggestedName` names the type if it has no name.
   */
  describe(type: CheckedType, node: SourceNode, use: { suggestedName: string }): Description {
    const { schema, problems } = this.#walker.describe(type, node, use.suggestedName)
    if (schema === undefined) return { ok: false, problems }
    const declaration = this.#types.nameOf(type)?.declaration
    const declared = declaration && this.#types.spanOf(declaration).start
    return {
      ok: true,
      payload: { schema, typeText: this.#types.textOf(type), ...(declared ? { declared } : {}) },
      problems,
    }
  }

  /** Every named type that was described. */
  get named(): readonly NamedSchema[] {
    return this.#walker.named
  }
}

/** The named types of several builders together, under the names that they have beside each other. */
export function combineSchemas(all: readonly NamedSchema[]): NamedSchemas {
  const { schemas, rename } = nameSchemas(all)
  return { schemas: titleDiscriminators(schemas), rename }
}
