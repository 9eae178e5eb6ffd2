import type { JsonSchema } from '../../model/model.ts'
import { SCHEMA_REF_PREFIX } from '../../model/model.ts'
import type { NamedSchema, SchemaEntry } from './schema-names.ts'
import type { CheckedType } from './type-reader.ts'

/**
 * The schemas that have a name. A type that has one is described once, and everybody refers to that;
 * a type without one is called after the place where it stands, and described at each.
 */
export class SchemaRegistry {
  readonly #declared = new Map<CheckedType, SchemaEntry>()
  readonly #derived = new Map<string, readonly SchemaEntry[]>()
  /** Types without a name that are being walked: they may hold themselves. */
  readonly #open = new Map<CheckedType, SchemaEntry>()
  readonly #entries = new WeakMap<object, SchemaEntry>()
  /** The types of the entries that have no schema yet. */
  readonly #walked = new WeakMap<SchemaEntry, CheckedType>()
  readonly #preview: (type: CheckedType) => JsonSchema
  #undo: (() => void)[] = []

  /** @param preview says of a type that is still being walked what is known beforehand */
  constructor(preview: (type: CheckedType) => JsonSchema) {
    this.#preview = preview
  }

  /** All that were entered, and whose types were walked. */
  get named(): NamedSchema[] {
    const all = [...this.#declared.values(), ...[...this.#derived.values()].flat()]
    return all.flatMap((entry): NamedSchema[] => {
      const { schema, baseName, declaredAt } = entry
      if (schema === undefined) return []
      const identity = [baseName, declaredAt, this.#textOf(schema)].join('\n')
      return [{ ...entry, schema, identity }]
    })
  }

  /** From here on `revert` forgets what is entered. */
  begin(): void {
    this.#undo = []
  }

  revert(): void {
    for (const undo of this.#undo.reverse()) undo()
    this.#undo = []
  }

  findDeclared(type: CheckedType): JsonSchema | undefined {
    const entry = this.#declared.get(type)
    return entry && this.#referTo(entry)
  }

  enterDeclared(
    type: CheckedType,
    name: Pick<SchemaEntry, 'baseName' | 'declaredAt'>,
    build: () => JsonSchema,
  ): JsonSchema {
    const entry: SchemaEntry = { ...name, schema: undefined, references: [] }
    this.#walked.set(entry, type)
    this.#declared.set(type, entry)
    this.#undo.push(() => this.#declared.delete(type))
    entry.schema = build()
    return this.#referTo(entry)
  }

  enterDerived(
    type: CheckedType,
    name: Pick<SchemaEntry, 'baseName' | 'declaredAt'>,
    build: () => JsonSchema,
  ): JsonSchema {
    const open = this.#open.get(type)
    if (open !== undefined) return this.#referTo(open)
    const entry: SchemaEntry = { ...name, schema: undefined, references: [] }
    this.#walked.set(entry, type)
    this.#open.set(type, entry)
    entry.schema = build()
    this.#open.delete(type)
    return this.#enter(entry)
  }

  #enter(entry: SchemaEntry): JsonSchema {
    const namesakes = this.#derived.get(entry.baseName) ?? []
    const twin = namesakes.find((each) => this.#isSame(each, entry))
    if (twin !== undefined) {
      for (const reference of entry.references) this.#entries.set(reference, twin)
      twin.references.push(...entry.references)
      return this.#referTo(twin)
    }
    this.#derived.set(entry.baseName, [...namesakes, entry])
    this.#undo.push(() => this.#derived.set(entry.baseName, namesakes))
    return this.#referTo(entry)
  }

  /** A schema without types of its own. */
  enterNamed(name: Pick<SchemaEntry, 'baseName' | 'declaredAt'>, schema: JsonSchema): JsonSchema {
    return this.#enter({ ...name, schema, references: [] })
  }

  #isSame(a: SchemaEntry, b: SchemaEntry): boolean {
    if (a.schema === undefined || b.schema === undefined) return false
    return a.declaredAt === b.declaredAt && this.sortKey(a.schema) === this.sortKey(b.schema)
  }

  #referTo(entry: SchemaEntry): JsonSchema {
    const reference = { $ref: SCHEMA_REF_PREFIX + entry.baseName }
    entry.references.push(reference)
    this.#entries.set(reference, entry)
    return reference
  }

  /** A reference that something stands beside is one too: it follows when names are given. */
  adopt(copy: JsonSchema, reference: JsonSchema): JsonSchema {
    const entry = this.#entries.get(reference)
    const { $ref } = copy
    if (entry === undefined || copy === reference || $ref === undefined) return copy
    const adopted = { ...copy, $ref }
    entry.references.push(adopted)
    this.#entries.set(adopted, entry)
    return adopted
  }

  /** Which schema a reference means. */
  readonly entryOf = (reference: object): SchemaEntry | undefined => this.#entries.get(reference)

  /** What a reference leads to; of a type that is still being walked, what is known beforehand. */
  readonly resolve = (reference: JsonSchema): JsonSchema | undefined => {
    const entry = this.#entries.get(reference)
    const type = entry && this.#walked.get(entry)
    return entry?.schema ?? (type && this.#preview(type))
  }

  /** Orders schemas by what they are, not by when they were met. */
  readonly sortKey = (schema: JsonSchema): string => {
    const entry = this.#entries.get(schema)
    if (entry === undefined) return this.#textOf(schema)
    return [entry.baseName, entry.declaredAt, entry.schema && this.#textOf(entry.schema)].join('\n')
  }

  #textOf(schema: JsonSchema): string {
    return JSON.stringify(schema, (_, value: unknown) => {
      const entry =
        typeof value === 'object' && value !== null ? this.#entries.get(value) : undefined
      return entry === undefined ? value : [entry.baseName, entry.declaredAt]
    })
  }
}
