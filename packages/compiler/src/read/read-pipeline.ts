import { findPipelineOptionProblems, toMs } from '@asya/protocol'
import { ts } from 'ts-morph'
import type { EdgeModel, PipelineModel } from '../model/model.ts'
import { checkEdge, showStep, type Step } from './check-edge.ts'
import type { Definition, Reading } from './definition.ts'
import { readDocComment } from './doc-comment.ts'
import { isRecord, unwrapExpression } from './evaluate-expression.ts'
import { explainTrace } from './find-definitions.ts'
import type { ImportGraph } from './import-graph.ts'
import type { ReadRoute, WrittenStep } from './kept-answers.ts'
import type { Named } from './name-definitions.ts'
import { textOf } from './read-actor.ts'
import { readOptions, type ReadOptions } from './read-options.ts'
import type { Flow } from './sdk-symbols.ts'
import { positionOf, showPath, spanOf } from './source-position.ts'
import { traceExpression, type Trace } from './trace-definition.ts'
import { showType } from './types/checker-type-reader.ts'

export function readPipelineOptions({ call }: Definition, reading: Reading): ReadOptions {
  const { projectDir, checker, problems } = reading
  const check = findPipelineOptionProblems
  return readOptions(call.arguments[1], { projectDir, checker, problems, check })
}

export interface PipelineTools {
  readonly reading: Reading
  readonly anyJson: ts.Type
  readonly imports: ImportGraph
  /** Actors that have a name, by the call that made them. */
  readonly actors: ReadonlyMap<ts.CallExpression, Named>
  /** Calls that some step leads to are not forgotten by their author. */
  readonly claimed: Set<ts.CallExpression>
}

/** A pipeline whose name is known. A step that is no actor is told, and left out. */
export function readPipeline(
  { definition, name, exported }: Named,
  options: ReadOptions,
  tools: PipelineTools,
): PipelineModel {
  const { holder, call } = definition
  const doc = readDocComment(holder)
  const description = textOf(options.value, 'description') ?? doc.description
  const timeoutMs = isRecord(options.value) ? toMs(options.value['timeout']) : undefined
  const { steps, edges, claimed } = recallRoute(call, tools)
  for (const each of claimed) tools.claimed.add(each)
  return {
    name,
    ...(description !== undefined && { description }),
    ...(doc.deprecated !== undefined && { deprecated: doc.deprecated }),
    declared: positionOf(holder, tools.reading.projectDir),
    exportName: exported.exportName,
    steps,
    edges,
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

/** The steps of a pipeline; undefined when they are not written out as a list. */
export function recallSteps(
  call: ts.CallExpression,
  reading: Reading,
): readonly WrittenStep[] | undefined {
  const place = { file: call.getSourceFile(), key: String(call.pos) }
  return reading.kept.steps.recall(place, reading, (alone) => {
    const [list] = call.arguments
    const written = list && listElements(list, alone.checker)
    return written?.map((node) => ({ node, trace: traceExpression(node, alone) }))
  })
}

function recallRoute(call: ts.CallExpression, tools: PipelineTools): ReadRoute {
  const { reading, actors } = tools
  const names = (recallSteps(call, reading) ?? []).map(({ trace }) =>
    trace.ok ? actors.get(trace.call)?.name : undefined,
  )
  const place = { file: call.getSourceFile(), key: `${call.pos} ${names.join()}` }
  return reading.kept.routes.recall(place, reading, (alone) => {
    const claimed = new Set<ts.CallExpression>()
    const here = { ...tools, reading: alone, claimed }
    const steps = readSteps(call, here)
    return {
      steps: steps.flatMap((step) => (step ? [step.name] : [])),
      edges: checkEdges(steps, here),
      claimed: [...claimed],
    }
  })
}

interface LocatedStep extends Step {
  readonly node: ts.Node
}

function readSteps(call: ts.CallExpression, tools: PipelineTools): (LocatedStep | undefined)[] {
  const { reading } = tools
  const [list] = call.arguments
  const written = recallSteps(call, reading)
  if (!written) {
    reading.problems.push({
      code: 'steps-not-static',
      severity: 'error',
      message:
        'the actors of a pipeline must be written out as a list, so that their order can be checked',
      fix: 'write definePipeline([readPage, classify])',
      ...spanOf(list ?? call, reading.projectDir),
    })
    return []
  }
  if (written.length === 0 && list)
    reading.problems.push({
      code: 'pipeline-empty',
      severity: 'error',
      message: 'a pipeline needs at least one actor',
      ...spanOf(list, reading.projectDir),
    })
  return written.map((step, index) => readStep(step, index + 1, { ...tools, call }))
}

/** What stands in a list, also in a constant one or spread out of one. */
function listElements(
  expression: ts.Expression,
  checker: ts.TypeChecker,
  seen: readonly ts.Node[] = [],
): readonly ts.Expression[] | undefined {
  const inner = unwrapExpression(expression)
  // `const steps = [...steps]` has no end.
  if (seen.includes(inner)) return undefined
  if (ts.isIdentifier(inner)) {
    const symbol = checker.getSymbolAtLocation(inner)
    const meant =
      symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const declaration = meant?.valueDeclaration
    if (!declaration || !ts.isVariableDeclaration(declaration)) return undefined
    const isConst = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0
    const { initializer } = declaration
    return isConst && initializer && !ts.isIdentifier(unwrapExpression(initializer))
      ? listElements(initializer, checker, seen)
      : undefined
  }
  if (!ts.isArrayLiteralExpression(inner)) return undefined
  const elements: ts.Expression[] = []
  for (const element of inner.elements) {
    if (!ts.isSpreadElement(element)) elements.push(element)
    else {
      const spread = listElements(element.expression, checker, [...seen, inner])
      if (!spread) return undefined
      elements.push(...spread)
    }
  }
  return elements
}

function readStep(
  { node, trace }: WrittenStep,
  place: number,
  tools: PipelineTools & { readonly call: ts.CallExpression },
): LocatedStep | undefined {
  const { reading, actors, claimed } = tools
  const { checker, sdk, projectDir, problems } = reading
  const refuse = (code: string, message: string, fix: string): LocatedStep | undefined => {
    problems.push({ code, severity: 'error', message, fix, ...spanOf(node, projectDir) })
    return undefined
  }
  const type = checker.getTypeAtLocation(node)
  // What does not compile is told where it stands.
  if (type.flags & ts.TypeFlags.Any && isBroken(node, checker)) return undefined
  if (trace.ok) claimed.add(trace.call)
  const flow = sdk.flowOf(type)
  if (!flow || (trace.ok && trace.kind === 'pipeline'))
    return refuse(
      'step-not-actor',
      `step ${place} is ${describeStep(type, reading)}, not an actor`,
      'make one with defineActor',
    )
  if (!trace.ok) {
    problems.push({ ...explainStep(trace, place, reading), ...spanOf(node, projectDir) })
    return undefined
  }
  const actor = actors.get(trace.call)
  if (!actor)
    return refuse(
      'step-not-exported',
      `step ${place} is an actor that no module exports, or one without a name`,
      'put "export" before it, in a file below actors/ or in this one',
    )
  checkCycle(node, { place, name: actor.name, flow }, { ...tools, made: trace.call })
  return { place, name: actor.name, flow, node }
}

function explainStep(
  trace: Trace & { readonly ok: false },
  place: number,
  reading: Reading,
): Reading['problems'][number] {
  const { fix } = explainTrace(trace, 'actor', reading)
  return {
    code: `step-${trace.code}`,
    severity: 'error',
    message: `step ${place} cannot be read: ${trace.why}`,
    fix,
    related: [{ message: 'here', position: positionOf(trace.node, reading.projectDir) }],
  }
}

/** An import that leads nowhere, or a name that there is not. */
function isBroken(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const symbol = checker.getSymbolAtLocation(unwrapExpression(node))
  if (!symbol) return true
  const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  return !meant.declarations || meant.declarations.length === 0
}

function describeStep(type: ts.Type, { checker, sdk }: Reading): string {
  if (sdk.kindOfType(type) === 'pipeline') return 'a pipeline'
  if (type.getCallSignatures().length > 0) return 'a function that defineActor was not called with'
  return checker.typeToString(type)
}

/** In a cycle of modules one is loaded before what it imports is there. */
function checkCycle(
  node: ts.Node,
  step: Step & { readonly flow: Flow },
  tools: PipelineTools & { readonly call: ts.CallExpression; readonly made: ts.CallExpression },
): void {
  const { reading, imports, call, made } = tools
  const cycle = imports.findPath(made.getSourceFile(), call.getSourceFile())
  if (!cycle || cycle.length < 2) return
  const shown = cycle.map(({ fileName }) => showPath(fileName, reading.projectDir))
  reading.problems.push({
    code: 'import-cycle',
    severity: 'error',
    message: `${showStep(step)} may be undefined when its pipeline is made, for their modules import each other: ${shown.join(' → ')} → ${shown[0] ?? ''}`,
    fix: `let ${shown[0] ?? ''} import types alone (import type), or move what they share to a module of its own`,
    ...spanOf(node, reading.projectDir),
  })
}

function checkEdges(
  steps: readonly (LocatedStep | undefined)[],
  { reading, anyJson }: PipelineTools,
): EdgeModel[] {
  const { checker, projectDir, problems } = reading
  return steps.flatMap((second, index): EdgeModel[] => {
    const first = steps[index - 1]
    if (!first || !second) return []
    const reason = checkEdge(first, second, { checker, anyJson })
    const edge = {
      from: first.name,
      to: second.name,
      sent: cutText(showType(first.flow.output, checker)),
      expected: cutText(showType(second.flow.input, checker)),
    }
    if (reason === undefined) return [{ ...edge, isFitting: true }]
    const between = `${showStep(first)} → ${showStep(second)}`
    problems.push({
      code: 'edge-does-not-fit',
      severity: 'error',
      message: `${between}: ${reason}\n${first.name} gives ${edge.sent}\n${second.name} takes ${edge.expected}`,
      fix: `let ${second.name} take what ${first.name} gives, or put an actor between them`,
      ...spanOf(second.node, projectDir),
    })
    return [{ ...edge, isFitting: false, reason }]
  })
}

/** Longer types are cut: the sentence beside them says what differs. */
const MAX_TYPE_LENGTH = 300

function cutText(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > MAX_TYPE_LENGTH ? `${line.slice(0, MAX_TYPE_LENGTH - 1)}…` : line
}
