import { join } from 'node:path'
import { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import type { Reading } from './definition.ts'
import { explainTrace } from './find-definitions.ts'
import type { DefiningCall } from './kept-answers.ts'
import type { SdkSymbols } from './sdk-symbols.ts'
import { spanOf } from './source-position.ts'
import { findLoopOrFunction } from './trace-definition.ts'

/**
 * Actors and pipelines that are made, but that no export leads to: what is made in a loop or by a
 * function can have no place in the build, and what is not exported is not built.
 */
export function findUnclaimed(
  reading: Reading,
  files: readonly string[],
  claimed: ReadonlySet<ts.CallExpression>,
): Problem[] {
  return files.flatMap((source) => {
    const file = reading.program.getSourceFile(join(reading.projectDir, source))
    if (!file) return []
    const calls = reading.kept.calls.recall({ file }, reading, ({ sdk }) => listCalls(file, sdk))
    return calls.flatMap(({ call, kind }) =>
      claimed.has(call)
        ? []
        : explainUnclaimed(call, kind === 'pipeline' ? kind : 'actor', reading),
    )
  })
}

function explainUnclaimed(
  call: ts.CallExpression,
  kind: 'actor' | 'pipeline',
  reading: Reading,
): Problem[] {
  const article = kind === 'actor' ? 'an actor' : 'a pipeline'
  const around = findLoopOrFunction(call)
  if (around === undefined)
    return [
      {
        code: `${kind}-not-exported`,
        severity: 'warning',
        message: `${article} that no module exports is not built`,
        fix: 'put "export" before it, or remove it',
        ...spanOf(call, reading.projectDir),
      },
    ]
  // Whoever exports what the function makes was told already.
  if (
    around === 'function' &&
    reading.problems.some(({ code }) => code.endsWith('made-by-function'))
  )
    return []
  const code = around === 'loop' ? 'made-in-loop' : 'made-by-function'
  const why = around === 'loop' ? 'in a loop' : 'inside a function'
  const trace = { ok: false, code, node: call, why } as const
  return [
    {
      ...explainTrace(trace, kind, reading),
      message: `${article} that is made ${why} cannot be read: the build does not run your code`,
    },
  ]
}

function listCalls(file: ts.SourceFile, sdk: SdkSymbols): readonly DefiningCall[] {
  const calls: DefiningCall[] = []
  const visit = (node: ts.Node): void => {
    const kind = ts.isCallExpression(node) ? sdk.kindOfCall(node) : undefined
    if (kind && ts.isCallExpression(node)) calls.push({ call: node, kind })
    ts.forEachChild(node, visit)
  }
  visit(file)
  return calls
}
