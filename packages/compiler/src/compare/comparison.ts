import type { Alternative } from './alternatives.ts'
import type { Break } from './break.ts'
import type { AllOf, SchemaSource } from './schema-source.ts'

/** A schema, and the document in which its references lead somewhere. */
export interface Side {
  readonly all: AllOf
  readonly source: SchemaSource
}

/** What is written and what reads it, while they are compared. */
export interface Comparison {
  /** The document of what is written. */
  readonly written: SchemaSource
  readonly read: SchemaSource
  /** Where schemas inside of them do not fit. */
  readonly compare: (written: AllOf, read: AllOf, path: string) => readonly Break[]
}

/** Two alternatives of one type, at one place. */
export interface Pair {
  readonly written: Alternative
  readonly read: Alternative
  readonly path: string
}
