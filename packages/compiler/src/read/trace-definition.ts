import { ts } from 'ts-morph'
import { unwrapExpression } from './evaluate-expression.ts'
import type { DefinitionKind, SdkSymbols } from './sdk-symbols.ts'

/** Where a value was defined, or why the build cannot tell. */
export type Trace =
  | {
      readonly ok: true
      readonly kind: DefinitionKind
      readonly call: ts.CallExpression
      readonly holder: ts.Node
    }
  | {
      readonly ok: false
      readonly code: TraceFailure
      readonly node: ts.Node
      readonly why: string
    }

export type TraceFailure =
  'made-by-function' | 'made-conditionally' | 'made-in-loop' | 'not-a-constant' | 'not-defined-here'

/**
 * Follows an expression to the call that made its value: through names, imports, re-exports, members
 * of constant objects, and what only the compiler sees.
 */
export function traceExpression(
  expression: ts.Expression,
  tools: { readonly checker: ts.TypeChecker; readonly sdk: SdkSymbols },
): Trace {
  return new Tracer(tools.checker, tools.sdk).trace(expression, expression)
}

/** As `traceExpression`, from an export. */
export function traceSymbol(
  symbol: ts.Symbol,
  tools: { readonly checker: ts.TypeChecker; readonly sdk: SdkSymbols },
): Trace | undefined {
  const [declaration] = symbol.declarations ?? []
  return declaration && new Tracer(tools.checker, tools.sdk).traceSymbol(symbol, declaration)
}

class Tracer {
  readonly #checker: ts.TypeChecker
  readonly #sdk: SdkSymbols
  readonly #seen = new Set<ts.Node>()

  constructor(checker: ts.TypeChecker, sdk: SdkSymbols) {
    this.#checker = checker
    this.#sdk = sdk
  }

  trace(expression: ts.Expression, holder: ts.Node): Trace {
    const inner = unwrapExpression(expression)
    if (ts.isCallExpression(inner)) return this.#traceCall(inner, holder)
    if (ts.isIdentifier(inner)) return this.#traceName(inner)
    if (ts.isPropertyAccessExpression(inner)) return this.#traceName(inner.name)
    if (ts.isConditionalExpression(inner) || ts.isBinaryExpression(inner))
      return fail('made-conditionally', inner, 'which one it is, is decided when the program runs')
    if (ts.isElementAccessExpression(inner))
      return fail('not-a-constant', inner, 'it is taken out of a list or an object')
    return fail('not-defined-here', inner, 'it is not the call of defineActor or definePipeline')
  }

  traceSymbol(symbol: ts.Symbol, blamed: ts.Node): Trace {
    const meant =
      symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
    const declaration = meant.valueDeclaration ?? meant.declarations?.[0]
    if (!declaration) return fail('not-defined-here', blamed, 'where it is defined is not known')
    if (this.#seen.has(declaration))
      return fail('not-defined-here', blamed, 'it is defined by itself')
    this.#seen.add(declaration)
    if (ts.isExportAssignment(declaration)) return this.trace(declaration.expression, declaration)
    if (ts.isPropertyAssignment(declaration))
      return this.trace(declaration.initializer, declaration)
    if (ts.isShorthandPropertyAssignment(declaration)) {
      const value = this.#checker.getShorthandAssignmentValueSymbol(declaration)
      if (value) return this.traceSymbol(value, declaration)
    }
    if (ts.isVariableDeclaration(declaration)) return this.#traceVariable(declaration, blamed)
    if (ts.isBindingElement(declaration))
      return fail('not-a-constant', declaration, 'it is taken out of a list or an object')
    return fail('not-defined-here', declaration, 'it is not a constant')
  }

  #traceName(name: ts.Identifier | ts.MemberName): Trace {
    const symbol = this.#checker.getSymbolAtLocation(name)
    if (!symbol) return fail('not-defined-here', name, 'where it is defined is not known')
    return this.traceSymbol(symbol, name)
  }

  #traceVariable(declaration: ts.VariableDeclaration, blamed: ts.Node): Trace {
    if ((ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) === 0)
      return fail('not-a-constant', declaration.name, 'it is a variable, whose value may change')
    if (declaration.initializer) return this.trace(declaration.initializer, declaration)
    return fail('not-defined-here', blamed, 'only its type is known, not how it is defined')
  }

  #traceCall(call: ts.CallExpression, holder: ts.Node): Trace {
    const kind = this.#sdk.kindOfCall(call)
    if (kind === undefined)
      return fail(
        'made-by-function',
        call,
        `it is made by ${shorten(call.expression.getText())}(…)`,
      )
    const around = findLoopOrFunction(call)
    if (around === 'loop') return fail('made-in-loop', call, 'it is made in a loop')
    if (around === 'function') return fail('made-by-function', call, 'it is made inside a function')
    return { ok: true, kind, call, holder }
  }
}

/** What runs a call more than once, or not at all. */
export function findLoopOrFunction(node: ts.Node): 'loop' | 'function' | undefined {
  for (let parent = node.parent; !ts.isSourceFile(parent); parent = parent.parent) {
    if (ts.isIterationStatement(parent, false)) return 'loop'
    if (ts.isFunctionLike(parent)) return isCallback(parent) ? 'loop' : 'function'
  }
  return undefined
}

/** `names.map((name) => …)`: a loop in other words. */
function isCallback(node: ts.Node): boolean {
  return (
    ts.isCallExpression(node.parent) &&
    node.parent.arguments.some((argument) => argument === node) &&
    ts.isPropertyAccessExpression(node.parent.expression) &&
    /^(?:map|flatMap|forEach|reduce|from)$/.test(node.parent.expression.name.text)
  )
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

function fail(code: TraceFailure, node: ts.Node, why: string): Trace {
  return { ok: false, code, node, why }
}
