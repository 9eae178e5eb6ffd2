import type { ts } from 'ts-morph'
import type { Position } from '../model/model.ts'
import type { Problem } from '../model/problem.ts'
import { readSentence, toProblem, type FileDiagnostic } from './collect-diagnostics.ts'
import { spanOf, type Span } from './source-position.ts'

export interface Found {
  readonly projectDir: string
  /** The calls that define actors and pipelines. */
  readonly calls: readonly ts.CallExpression[]
  /** Those whose types were refused, wherever the types are declared. */
  readonly refused: ReadonlySet<ts.CallExpression>
  readonly diagnostics: readonly FileDiagnostic[]
}

/**
 * Tells each mistake once. The compiler finds what the build finds too: the SDK's types refuse what
 * the build refuses with a frame and a fix, and what the compiler cannot resolve is `any` to the
 * build. What only one of them found is told by that one. In the order of their places.
 */
export function settleProblems(
  problems: readonly Problem[],
  { projectDir, calls, refused, diagnostics }: Found,
): Problem[] {
  const placed = calls.map((call) => ({ call, span: spanOf(call, projectDir) }))
  const spans = placed.map(({ span }) => span)
  const told = placed.flatMap(({ call, span }) =>
    refused.has(call) || problems.some((problem) => isErrorIn(problem, span)) ? [span] : [],
  )
  const all = diagnostics.map((diagnostic) => ({
    problem: toProblem(diagnostic, projectDir),
    isSentence: readSentence(diagnostic) !== undefined,
  }))
  const kept = all.filter(({ problem, isSentence }) => {
    if (isSentence && told.some((span) => isIn(problem.position, span))) return false
    return !problems.some((own) => own.code.startsWith('option-') && isSamePlace(own, problem))
  })
  const mistakes = kept.filter(({ isSentence }) => !isSentence).map(({ problem }) => problem)
  const own = problems.filter((problem) => !isConsequence(problem, mistakes, spans))
  const grouped = Map.groupBy([...own, ...kept.map(({ problem }) => problem)], nameProblem)
  return [...grouped.values()].flatMap(([first]) => first ?? []).sort(comparePlaces)
}

/** Several payloads may lead to one place, each by a path of its own: the first one is told. */
function nameProblem(problem: Problem): string {
  return JSON.stringify({ ...problem, path: undefined })
}

/** What the compiler cannot resolve is `any`, which the build would refuse for another reason. */
function isConsequence(
  { position, end = position, code, message }: Problem,
  mistakes: readonly Problem[],
  calls: readonly Span[],
): boolean {
  if (!position || !end || !code.startsWith('type-')) return false
  const call = calls.find((span) => isIn(position, span))
  const isAny = / ?any /.test(message)
  return mistakes.some(
    (mistake) =>
      isIn(mistake.position, { position, end }) ||
      (isAny && call !== undefined && isIn(mistake.position, call)) ||
      (isAny && mistake.code === 'module-missing' && mistake.position?.file === position.file),
  )
}

function isErrorIn({ severity, position }: Problem, span: Span): boolean {
  return severity === 'error' && isIn(position, span)
}

function isIn(position: Position | undefined, { position: start, end }: Span): boolean {
  if (position?.file !== start.file) return false
  return compareWithin(start, position) <= 0 && compareWithin(position, end) <= 0
}

function isSamePlace(one: Problem, other: Problem): boolean {
  const [a, b] = [one.position, other.position]
  return b !== undefined && a?.file === b.file && compareWithin(a, b) === 0
}

function compareWithin(one: Position, other: Position): number {
  return one.line - other.line || one.column - other.column
}

/** Those without a place concern the whole project, and come first. */
function comparePlaces(one: Problem, other: Problem): number {
  const [a, b] = [one.position, other.position]
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined)
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return compareWithin(a, b)
}
