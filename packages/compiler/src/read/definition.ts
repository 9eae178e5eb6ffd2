import type { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import type { KeptAnswers } from './kept-answers.ts'
import type { DefinitionKind, SdkSymbols } from './sdk-symbols.ts'

/** What the parts of the reader share while they read the project once. */
export interface Reading {
  /** Absolute. */
  readonly projectDir: string
  readonly program: ts.Program
  readonly checker: ts.TypeChecker
  readonly sdk: SdkSymbols
  /** Of this program and those before it. */
  readonly kept: KeptAnswers
  /** All that was found wrong so far. */
  readonly problems: Problem[]
}

/** A call of `defineActor` or one of its kin that stands by itself, known by the call. */
export interface Definition {
  readonly kind: DefinitionKind
  readonly call: ts.CallExpression
  /** What holds it: the constant, or `export default`. */
  readonly holder: ts.Node
  /** Of the files in which actors and pipelines may be. */
  readonly exports: readonly Exported[]
}

export interface Exported {
  /** Seen from the project. */
  readonly source: string
  readonly exportName: string
}
