import type { ts } from 'ts-morph'
import type { Cardinality, EdgeModel, PayloadType } from '../model/model.ts'
import type { FileDiagnostic } from './collect-diagnostics.ts'
import { Memo } from './memo.ts'
import type { ReadOptions } from './read-options.ts'
import type { DefinitionKind } from './sdk-symbols.ts'
import type { Trace } from './trace-definition.ts'
import type { NamedSchema } from './types/schema-names.ts'

/**
 * All that the reader keeps from one program to the next: whatever asks the compiler of types, which
 * takes most of the time. What is put together of it is made anew each time, so that a reader that kept
 * something says the same as one that begins.
 */
export class KeptAnswers {
  readonly exports = new Memo<readonly TracedExport[]>()
  readonly calls = new Memo<readonly DefiningCall[]>()
  readonly options = new Memo<ReadOptions>()
  readonly payloads = new Memo<ReadPayloads>()
  readonly typeFiles = new Memo<readonly string[]>()
  readonly steps = new Memo<readonly WrittenStep[] | undefined>()
  readonly routes = new Memo<ReadRoute>()
  readonly diagnostics = new Memo<readonly FileDiagnostic[]>()

  /** Forgets what these files said, by absolute paths; undefined: all of them. */
  forget(affected: ReadonlySet<string> | undefined): void {
    for (const memo of Object.values(this) as readonly Memo<unknown>[]) memo.forget(affected)
  }
}

/** What a file exports of an actor or a pipeline, and where that was defined. */
export interface TracedExport {
  readonly name: string
  readonly kind: 'actor' | 'pipeline'
  readonly trace: Trace
}

export interface DefiningCall {
  readonly call: ts.CallExpression
  readonly kind: DefinitionKind
}

/** What goes into an actor and what comes out. */
export interface ReadPayloads {
  /** Undefined when they cannot be told, or JSON cannot carry them. */
  readonly payloads: { readonly input: PayloadType; readonly output?: PayloadType } | undefined
  /** Whether their types are known, and were refused with a reason. */
  readonly isRefused: boolean
  readonly cardinality: Cardinality
  /** What the schemas of the payloads refer to. */
  readonly named: readonly NamedSchema[]
}

/** A step as it is written, and what it leads to. */
export interface WrittenStep {
  readonly node: ts.Expression
  readonly trace: Trace
}

/** What the types of a pipeline's steps say. */
export interface ReadRoute {
  readonly steps: readonly string[]
  readonly edges: readonly EdgeModel[]
  readonly claimed: readonly ts.CallExpression[]
}
