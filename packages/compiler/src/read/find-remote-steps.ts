import { relative, sep } from 'node:path'
import { ts } from 'ts-morph'
import type { Definition, Reading } from './definition.ts'
import { recallSteps } from './read-pipeline.ts'

/**
 * Somebody else's actors to which pipelines route, and which none of the project's files exports: they
 * are no part of it, so that they may stand anywhere, also in a package.
 */
export function findRemoteSteps(known: readonly Definition[], reading: Reading): Definition[] {
  const calls = new Set(known.map(({ call }) => call))
  const pipelines = known.filter(({ kind }) => kind === 'pipeline')
  return pipelines.flatMap(({ call }) => {
    const steps = recallSteps(call, reading) ?? []
    return steps.flatMap(({ trace }): Definition[] => {
      if (!trace.ok || trace.kind !== 'remote' || calls.has(trace.call)) return []
      calls.add(trace.call)
      return [{ ...trace, exports: [nameExport(trace.holder, reading)] }]
    })
  })
}

function nameExport(holder: ts.Node, { projectDir }: Reading): Definition['exports'][number] {
  const path = relative(projectDir, holder.getSourceFile().fileName)
  const isNamed = ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name)
  return {
    source: path.split(sep).join('/'),
    exportName: isNamed ? holder.name.text : 'default',
  }
}
