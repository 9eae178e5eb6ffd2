import { join } from 'node:path'
import { ts } from 'ts-morph'
import type { Definition, Exported, Reading } from './definition.ts'
import type { TracedExport } from './kept-answers.ts'
import { spanOf } from './source-position.ts'
import { traceSymbol, type Trace, type TraceFailure } from './trace-definition.ts'

/**
 * Every actor and pipeline that the files export, found by what the export is: through names, default
 * exports and re-exports. One that is exported several times is one definition.
 *
 * @param files seen from the project
 */
export function findDefinitions(reading: Reading, files: readonly string[]): Definition[] {
  const found = new Map<ts.CallExpression, Definition & { readonly exports: Exported[] }>()
  const blamed = new Set<ts.Node>()
  for (const source of files) {
    for (const exported of recallExports(reading, source)) {
      const { trace } = exported
      const place = { source, exportName: exported.name }
      if (trace.ok) {
        const known = found.get(trace.call)
        if (known) known.exports.push(place)
        else found.set(trace.call, { ...trace, exports: [place] })
      } else if (!blamed.has(trace.node)) {
        blamed.add(trace.node)
        reading.problems.push({
          ...explainTrace(trace, exported.kind, reading),
          message: `${source} exports the ${exported.kind} ${exported.name}, which the build cannot read: ${trace.why}`,
        })
      }
    }
  }
  return [...found.values()]
}

function recallExports(reading: Reading, source: string): readonly TracedExport[] {
  const file = reading.program.getSourceFile(join(reading.projectDir, source))
  if (!file) return []
  return reading.kept.exports.recall({ file }, reading, (alone) => traceExports(alone, file))
}

function traceExports(reading: Reading, file: ts.SourceFile): TracedExport[] {
  const { checker, sdk } = reading
  const module = checker.getSymbolAtLocation(file)
  if (!module) return []
  return checker.getExportsOfModule(module).flatMap((symbol) => {
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    if ((meant.flags & ts.SymbolFlags.Value) === 0) return []
    const kind = sdk.kindOfType(checker.getTypeOfSymbol(meant))
    const trace = kind && traceSymbol(symbol, reading)
    return kind && trace ? [{ name: symbol.name, kind, trace }] : []
  })
}

const FIXES: Readonly<Record<TraceFailure, string>> = {
  'made-by-function': 'call CALLEE itself for each of them; the handler may come from a function',
  'made-conditionally': 'export one that is always the same, and decide inside its handler',
  'made-in-loop': 'write each of them out as a constant of its own: export const NAME = CALLEE(…)',
  'not-a-constant': 'write it as a constant of its own: export const NAME = CALLEE(…)',
  'not-defined-here': 'write it as export const NAME = CALLEE(…)',
}

/** Where a value could not be followed, and the way out. */
export function explainTrace(
  trace: Trace & { readonly ok: false },
  kind: 'actor' | 'pipeline',
  { projectDir }: Pick<Reading, 'projectDir'>,
): { readonly code: string; readonly severity: 'error'; readonly fix: string } & ReturnType<
  typeof spanOf
> {
  const words =
    kind === 'actor'
      ? { NAME: 'readPage', CALLEE: 'defineActor' }
      : { NAME: 'triage', CALLEE: 'definePipeline' }
  return {
    code: `${kind}-${trace.code}`,
    severity: 'error',
    fix: FIXES[trace.code].replace('NAME', words.NAME).replace('CALLEE', words.CALLEE),
    ...spanOf(trace.node, projectDir),
  }
}
