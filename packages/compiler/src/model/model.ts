import type { ActorSettings, ProjectSettings } from './settings.ts'

/**
 * What the build knows of a project: plain data that survives JSON. `read/` makes it from TypeScript,
 * `emit/` makes files of it; neither knows the other.
 */
export interface Model {
  readonly project: ProjectSettings
  /** In order of their names. */
  readonly actors: readonly ActorModel[]
  /** In order of their names. */
  readonly pipelines: readonly PipelineModel[]
  /** Every named type, in order of the names; references are `#/components/schemas/<name>`. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

export interface ActorModel {
  readonly name: string
  /**
   * `node`: a handler of this project. `remote`: somebody else's actor, of which only the queue and
   * the types are known. `python`: a handler in Python.
   */
  readonly kind: 'node' | 'remote' | 'python'
  /** Of a handler in Python: `package.module:function`. */
  readonly python?: string | undefined
  /** The queue that it consumes: its name, unless it is remote and says otherwise. */
  readonly queue: string
  readonly description?: string | undefined
  /** Why it should not be used any more. */
  readonly deprecated?: string | undefined
  /** Where it is declared. */
  readonly declared: Position
  readonly exportName: string
  /** The file that exports it, seen from the project, if that is another than where it is declared. */
  readonly exportFile?: string | undefined
  /** What one message carries. */
  readonly input: PayloadType
  /** What one of its results carries; undefined: it returns nothing, and every pipeline ends at it. */
  readonly output?: PayloadType | undefined
  readonly cardinality: Cardinality
  readonly settings: ActorSettings
  /**
   * Who said each of the settings, by its path in them (`timeoutMs`, `retry.maxAttempts`): for
   * `asya explain`. What nobody said is left to a default, and has no entry.
   */
  readonly origins?: Readonly<Record<string, SettingOrigin>> | undefined
}

/** Where a setting stands. */
export interface SettingOrigin {
  /** The options of `defineActor`, `asya.config.ts`, or in it the overlay of one environment. */
  readonly from: 'options' | 'project' | 'environment'
  readonly position?: Position | undefined
}

/**
 * How many messages follow from one: `one`; `optional` (null ends the pipeline); `many` (an array or a
 * stream fans out); `none`.
 */
export type Cardinality = 'one' | 'optional' | 'many' | 'none'

export interface PayloadType {
  /** A reference to a named schema wherever the type has a name. */
  readonly schema: JsonSchema
  /** As the author would write it: `Page`, `{ url: string }`. */
  readonly typeText: string
  readonly declared?: Position | undefined
}

export interface PipelineModel {
  readonly name: string
  readonly description?: string | undefined
  readonly deprecated?: string | undefined
  readonly declared: Position
  readonly exportName: string
  /** Names of actors, in the order of the route; an actor may occur more than once. */
  readonly steps: readonly string[]
  /** From each step to the next, in order: one fewer than the steps. */
  readonly edges?: readonly EdgeModel[] | undefined
  /** From end to end; undefined: no limit. */
  readonly timeoutMs?: number | undefined
}

/** From one step of a pipeline to the next. */
export interface EdgeModel {
  readonly from: string
  readonly to: string
  /** What arrives there: one item where the step returns many, never null. As the author would write it. */
  readonly sent: string
  readonly expected: string
  readonly isFitting: boolean
  /** Why it does not fit: the first member that differs. */
  readonly reason?: string | undefined
}

/** A place in a source file. */
export interface Position {
  /** Seen from the project, with `/`. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in UTF-16 units. */
  readonly column: number
}

/** Draft-07, of which the build uses this much. */
export interface JsonSchema {
  readonly $ref?: string
  readonly $id?: string
  readonly title?: string
  readonly description?: string
  readonly deprecated?: boolean
  readonly default?: Json
  readonly examples?: readonly Json[]
  readonly type?: JsonTypeName | readonly JsonTypeName[]
  readonly const?: Json
  readonly enum?: readonly Json[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly minProperties?: number
  readonly maxProperties?: number
  /** A list is a tuple. */
  readonly items?: JsonSchema | readonly JsonSchema[]
  readonly additionalItems?: boolean | JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly allOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly not?: JsonSchema
  /** Of AsyncAPI: the member by which the alternatives of a `oneOf` are told apart. */
  readonly discriminator?: string
}

export type JsonTypeName = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array'

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** References to named schemas begin with this. */
export const SCHEMA_REF_PREFIX = '#/components/schemas/'

/** `Page`, of the reference to it. */
export function readSchemaName(reference: string): string {
  return reference.slice(SCHEMA_REF_PREFIX.length)
}
