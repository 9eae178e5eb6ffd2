import { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import { positionAt } from './source-position.ts'

/** What the compiler itself has to say of a file, as far as it stops a build. */
export interface FileDiagnostic {
  readonly file: ts.SourceFile
  readonly start: number
  readonly length: number
  readonly code: number
  readonly text: string
  readonly isSyntax: boolean
}

/** Errors of syntax, or else of types, in the order of their places. */
export function listDiagnostics(program: ts.Program, file: ts.SourceFile): FileDiagnostic[] {
  const syntactic = program.getSyntacticDiagnostics(file)
  // What follows from a mistake of syntax is not worth reading.
  const found = syntactic.length > 0 ? syntactic : program.getSemanticDiagnostics(file)
  return found
    .filter(({ category }) => category === ts.DiagnosticCategory.Error)
    .map(({ start = 0, length = 0, code, messageText }) => ({
      file,
      start,
      length,
      code,
      text: ts.flattenDiagnosticMessageText(messageText, '\n'),
      isSyntax: syntactic.length > 0,
    }))
}

/** The sentences of the SDK's types, which stand in the place of a type that is expected. */
const SENTENCE = /"((?:In|Out): [^"]*|step \d+[^"]*|a pipeline needs[^"]*|the actors must[^"]*)"/

/** The sentence by which the SDK's own types refuse a definition. */
export function readSentence({ text }: FileDiagnostic): string | undefined {
  return SENTENCE.exec(text)?.[1]
}

const MISSING_MODULE = new Set([2307, 2792, 2732, 7016, 6305])

export function toProblem(diagnostic: FileDiagnostic, projectDir: string): Problem {
  const { file, start, length, code, text, isSyntax } = diagnostic
  const isMissing = MISSING_MODULE.has(code)
  return {
    code: isSyntax ? 'syntax-error' : isMissing ? 'module-missing' : 'type-error',
    severity: 'error',
    message: readSentence(diagnostic) ?? text,
    fix: isMissing
      ? 'mend the path, install the package, or build the project that it belongs to (tsc -b)'
      : undefined,
    position: positionAt(file, start, projectDir),
    end: positionAt(file, start + length, projectDir),
  }
}
