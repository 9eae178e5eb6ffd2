import { ts } from 'ts-morph'
import { explainUnfit, type FitTools } from './explain-unfit.ts'
import type { Flow } from './sdk-symbols.ts'

/** A step as a pipeline has it. */
export interface Step {
  /** Counted from 1. */
  readonly place: number
  readonly name: string
  readonly flow: Flow
}

/** Completes the name of an edge: `step 1 (a) → step 2 (b): .url is missing`. Undefined: it fits. */
export function checkEdge(first: Step, second: Step, tools: FitTools): string | undefined {
  const { output } = first.flow
  const { input } = second.flow
  const opaque =
    explainOpaque(output, `${showStep(first)} gives`) ??
    explainOpaque(input, `${showStep(second)} takes`)
  if (opaque !== undefined) return opaque
  if (output.flags & ts.TypeFlags.Never)
    return `${showStep(first)} returns nothing, so ${showStep(second)} is never reached`
  // An interface is not assignable to an index signature, but what takes any JSON takes it too.
  if (tools.checker.isTypeAssignableTo(tools.anyJson, input)) return undefined
  return tools.checker.isTypeAssignableTo(output, input)
    ? undefined
    : explainUnfit(output, input, tools)
}

export function showStep({ place, name }: Step): string {
  return `step ${place} (${name})`
}

/** A type that says nothing would fit everything. */
function explainOpaque(type: ts.Type, who: string): string | undefined {
  if (type.flags & ts.TypeFlags.Any) return `${who} any; write its type, or Json`
  if (type.flags & ts.TypeFlags.Unknown) return `${who} unknown; write its type, or Json`
  return undefined
}
