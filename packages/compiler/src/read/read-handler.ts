import { ts } from 'ts-morph'
import type { Cardinality } from '../model/model.ts'
import type { Definition, Reading } from './definition.ts'
import { unwrapExpression } from './evaluate-expression.ts'
import { readResult } from './handler-result.ts'

/** What goes into an actor and what comes out, as the compiler's types. */
export interface HandlerTypes {
  readonly input: ts.Type
  /** Where the input is written, to be blamed. */
  readonly inputNode: ts.Node
  /** Undefined: nothing travels on. */
  readonly output: ts.Type | undefined
  readonly outputNode: ts.Node
  readonly cardinality: Cardinality
}

/** The types of an actor that `defineActor` or `remoteActor` made; undefined if they are not known. */
export function readHandler(
  { kind, call }: Definition,
  { checker, sdk }: Pick<Reading, 'checker' | 'sdk'>,
): HandlerTypes | undefined {
  const flow = sdk.flowOf(checker.getTypeAtLocation(call))
  if (!flow) return undefined
  const handler = kind === 'actor' ? findFunction(call.arguments[0], checker) : undefined
  const [inputNode = call, resultNode = call] = call.typeArguments ?? []
  const result = readResultType(call, kind, checker)
  const { cardinality } = result
    ? readResult(result, checker)
    : { cardinality: isNever(flow.output) ? ('none' as const) : ('one' as const) }
  return {
    input: flow.input,
    inputNode: handler?.parameters[0]?.type ?? handler?.parameters[0] ?? inputNode,
    output: isNever(flow.output) ? undefined : flow.output,
    outputNode: handler ? (handler.type ?? headOf(handler)) : resultNode,
    cardinality,
  }
}

/** What the handler itself returns: the actor's type no longer says whether it fans out. */
function readResultType(
  call: ts.CallExpression,
  kind: Definition['kind'],
  checker: ts.TypeChecker,
): ts.Type | undefined {
  if (kind !== 'actor') {
    const [, result] = call.typeArguments ?? []
    return result && checker.getTypeFromTypeNode(result)
  }
  const [, explicit] = call.typeArguments ?? []
  if (explicit) return checker.getTypeFromTypeNode(explicit)
  const [process] = call.arguments
  const [signature] = process
    ? checker.getSignaturesOfType(checker.getTypeAtLocation(process), ts.SignatureKind.Call)
    : []
  return signature && checker.getReturnTypeOfSignature(signature)
}

/** The handler as it is written, here or elsewhere. */
function findFunction(
  expression: ts.Expression | undefined,
  checker: ts.TypeChecker,
): ts.SignatureDeclaration | undefined {
  if (!expression) return undefined
  const inner = unwrapExpression(expression)
  if (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner)) return inner
  const [signature] = checker.getSignaturesOfType(
    checker.getTypeAtLocation(inner),
    ts.SignatureKind.Call,
  )
  return signature?.getDeclaration()
}

/** What stands for a function whose result has no annotation: its arrow or its name, not all of it. */
function headOf(handler: ts.SignatureDeclaration): ts.Node {
  if (ts.isArrowFunction(handler)) return handler.equalsGreaterThanToken
  return handler.name ?? handler
}

function isNever(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Never) !== 0
}
