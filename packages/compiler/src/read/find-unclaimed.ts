import { join } from 'node:path'
import { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import type { Reading } from './definition.ts'
import { explainTrace } from './find-definitions.ts'
import { spanOf } from './source-position.ts'
import { findLoopOrFunction } from './trace-definition.ts'

/** Calls never change while a file is the same. */
const callsOf = new WeakMap<ts.SourceFile, readonly ts.CallExpression[]>()

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
    return listCalls(file).flatMap((call) => {
      const kind = claimed.has(call) ? undefined : reading.sdk.kindOfCall(call)
      return kind ? explainUnclaimed(call, kind === 'pipeline' ? kind : 'actor', reading) : []
    })
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

function listCalls(file: ts.SourceFile): readonly ts.CallExpression[] {
  const known = callsOf.get(file)
  if (known) return known
  const calls: ts.CallExpression[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(node)
    ts.forEachChild(node, visit)
  }
  visit(file)
  callsOf.set(file, calls)
  return calls
}
