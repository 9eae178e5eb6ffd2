import type { ts } from 'ts-morph'
import type { Position } from '../../model/model.ts'

/**
 * All that the making of schemas asks of TypeScript. Whoever speaks to this alone works with any
 * compiler that can answer; no number of TypeScript's own is seen, for they change between versions.
 */
export interface TypeReader {
  shapeOf(type: CheckedType): Shape
  /** What a type is called: by its alias, interface, class or enum. Undefined: it has no name. */
  nameOf(type: CheckedType): TypeName | undefined
  /** In the order of their declarations; those without one come last, by name. */
  propertiesOf(type: CheckedType): readonly Property[]
  indexInfosOf(type: CheckedType): readonly IndexInfo[]
  /** Without null and undefined; a name that the rest has comes to light again. */
  withoutNullish(type: CheckedType): CheckedType
  /** As an author would write it, on one line. */
  textOf(type: CheckedType): string
  spanOf(node: SourceNode): Span
  /** In a file of the project, which its author can change. */
  isOwn(node: SourceNode): boolean
  /** File and place as one text; those of one file sort as they stand in it. */
  placeOf(node: SourceNode): string
}

/** A type, as the compiler holds it: only the implementation looks inside. */
export type CheckedType = ts.Type

/** A place in a source file, as the compiler holds it: only the implementation looks inside. */
export type SourceNode = ts.Node

/** From where to where; `isOwn`: in a file of the project, which its author can change. */
export interface Span {
  readonly start: Position
  readonly end: Position
  readonly isOwn: boolean
}

export type Shape =
  | { readonly kind: PlainKind }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  /** `a${b}c`: the texts are one more than the types between them. */
  | {
      readonly kind: 'template'
      readonly texts: readonly string[]
      readonly types: readonly CheckedType[]
    }
  | { readonly kind: 'union'; readonly members: readonly CheckedType[] }
  | { readonly kind: 'intersection'; readonly members: readonly CheckedType[] }
  | { readonly kind: 'array'; readonly element: CheckedType }
  | { readonly kind: 'tuple'; readonly elements: readonly TupleElement[] }

/**
 * `any-object` is `object` itself; `unresolved` hangs on a type parameter; `function` can be called or
 * constructed; `class` is what a class makes; `object` is any other record.
 */
export type PlainKind =
  | 'any'
  | 'unknown'
  | 'never'
  | 'void'
  | 'undefined'
  | 'null'
  | 'string'
  | 'uppercase'
  | 'lowercase'
  | 'number'
  | 'boolean'
  | 'bigint'
  | 'symbol'
  | 'any-object'
  | 'unresolved'
  | 'function'
  | 'class'
  | 'object'

export interface TupleElement {
  readonly type: CheckedType
  readonly kind: 'required' | 'optional' | 'rest'
}

export interface TypeName {
  readonly name: string
  readonly typeArguments: readonly CheckedType[]
  /** Belongs to TypeScript itself, as `Partial` does. */
  readonly isLibrary: boolean
  /** The same for one declaration, whatever it is given: file and place. */
  readonly declaredAt: string
  readonly declaration: SourceNode | undefined
  readonly doc: Doc
}

export interface Property {
  readonly name: string
  /** `symbol`: JSON leaves it out; `iterator`: what makes an object iterable. */
  readonly key: 'string' | 'symbol' | 'iterator'
  readonly type: CheckedType
  readonly isOptional: boolean
  /** Private or protected. */
  readonly isHidden: boolean
  readonly declaration: SourceNode | undefined
  readonly doc: Doc
}

export interface IndexInfo {
  readonly key: CheckedType
  readonly value: CheckedType
  readonly declaration: SourceNode | undefined
}

/** What a JSDoc comment says. */
export interface Doc {
  readonly text: string
  readonly tags: readonly DocTag[]
}

export interface DocTag {
  /** Without the `@`. */
  readonly name: string
  readonly text: string
  readonly span: Span
}
