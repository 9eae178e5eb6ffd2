import { ts } from 'ts-morph'

/** A value that is known without running anything. */
export type StaticValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly StaticValue[]
  | { readonly [name: string]: StaticValue }

export interface Evaluation {
  /** Undefined stands in the place of whatever is not static. */
  readonly value: StaticValue
  /** What cannot be known without running the program, and why. */
  readonly failures: readonly NotStatic[]
  /** Where each member was written, by its path (`retry.maxAttempts`, `tolerations.0.key`); the whole is ``. */
  readonly places: ReadonlyMap<string, ts.Node>
}

export interface NotStatic {
  readonly node: ts.Node
  /** Inside the value: `retry.maxAttempts`. */
  readonly path: string
  /** Completes "this … ": `is a call`. */
  readonly why: string
}

/**
 * The value of an expression, without running it: literals, objects and lists of them, constants of
 * this module and of others, members of enums, and arithmetic of all these.
 */
export function evaluateExpression(expression: ts.Expression, checker: ts.TypeChecker): Evaluation {
  const evaluator = new Evaluator(checker)
  const value = evaluator.evaluate(expression, '')
  return { value, failures: evaluator.failures, places: evaluator.places }
}

class Evaluator {
  readonly failures: NotStatic[] = []
  readonly places = new Map<string, ts.Node>()
  readonly #checker: ts.TypeChecker
  /** Constants that are being evaluated: one may be defined by itself. */
  readonly #open = new Set<ts.Node>()

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  evaluate(expression: ts.Expression, path: string): StaticValue {
    const inner = unwrapExpression(expression)
    if (!this.places.has(path)) this.places.set(path, inner)
    if (ts.isStringLiteralLike(inner)) return inner.text
    if (ts.isNumericLiteral(inner)) return Number(inner.text)
    if (inner.kind === ts.SyntaxKind.TrueKeyword) return true
    if (inner.kind === ts.SyntaxKind.FalseKeyword) return false
    if (inner.kind === ts.SyntaxKind.NullKeyword) return null
    if (ts.isObjectLiteralExpression(inner)) return this.#evaluateObject(inner, path)
    if (ts.isArrayLiteralExpression(inner)) return this.#evaluateList(inner, path)
    if (ts.isTemplateExpression(inner)) return this.#evaluateTemplate(inner, path)
    if (ts.isPrefixUnaryExpression(inner)) return this.#evaluateSign(inner, path)
    if (ts.isBinaryExpression(inner)) return this.#evaluateBinary(inner, path)
    if (ts.isIdentifier(inner)) return this.#evaluateName(inner, inner, path)
    if (ts.isPropertyAccessExpression(inner)) return this.#evaluateMember(inner, path)
    if (ts.isElementAccessExpression(inner))
      return this.#takeMember(inner, inner.expression, {
        name: this.evaluate(inner.argumentExpression, joinPath(path, '[]')),
        path,
      })
    return this.#fail(inner, path, describeExpression(inner))
  }

  #fail(node: ts.Node, path: string, why: string): StaticValue {
    this.failures.push({ node, path, why })
    return undefined
  }

  #evaluateObject(object: ts.ObjectLiteralExpression, path: string): StaticValue {
    const members: [string, StaticValue][] = []
    for (const property of object.properties) {
      if (ts.isSpreadAssignment(property)) {
        const spread = this.evaluate(property.expression, path)
        if (isRecord(spread)) members.push(...Object.entries(spread))
        continue
      }
      const name = this.#evaluateMemberName(property.name, path)
      if (name === undefined) continue
      const inside = joinPath(path, name)
      this.places.set(inside, property)
      if (ts.isPropertyAssignment(property))
        members.push([name, this.evaluate(property.initializer, inside)])
      else if (ts.isShorthandPropertyAssignment(property))
        members.push([name, this.#evaluateShorthand(property, inside)])
      else this.#fail(property, inside, 'is a function')
    }
    return Object.fromEntries(members)
  }

  #evaluateShorthand(property: ts.ShorthandPropertyAssignment, path: string): StaticValue {
    const symbol = this.#checker.getShorthandAssignmentValueSymbol(property)
    return this.#evaluateSymbol(symbol, property.name, path)
  }

  #evaluateMemberName(name: ts.PropertyName, path: string): string | undefined {
    if (!ts.isComputedPropertyName(name)) return name.text
    const value = this.evaluate(name.expression, joinPath(path, '[]'))
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }

  #evaluateList(list: ts.ArrayLiteralExpression, path: string): StaticValue {
    return list.elements.flatMap((element, index): readonly StaticValue[] => {
      const inside = joinPath(path, index)
      if (!ts.isSpreadElement(element)) return [this.evaluate(element, inside)]
      const spread = this.evaluate(element.expression, inside)
      return isList(spread) ? spread : []
    })
  }

  #evaluateTemplate(template: ts.TemplateExpression, path: string): StaticValue {
    const parts = template.templateSpans.map((span) => {
      const value = this.evaluate(span.expression, path)
      if (isScalar(value)) return `${String(value)}${span.literal.text}`
      if (value !== undefined) this.#fail(span.expression, path, 'is no text')
      return span.literal.text
    })
    return template.head.text + parts.join('')
  }

  #evaluateSign(expression: ts.PrefixUnaryExpression, path: string): StaticValue {
    const value = this.evaluate(expression.operand, path)
    if (expression.operator === ts.SyntaxKind.MinusToken && typeof value === 'number') return -value
    if (expression.operator === ts.SyntaxKind.PlusToken && typeof value === 'number') return value
    if (expression.operator === ts.SyntaxKind.ExclamationToken) return !value
    return this.#fail(expression, path, 'is computed')
  }

  #evaluateBinary(expression: ts.BinaryExpression, path: string): StaticValue {
    const left = this.evaluate(expression.left, path)
    const right = this.evaluate(expression.right, path)
    const operator = expression.operatorToken.kind
    if (typeof left === 'number' && typeof right === 'number') {
      const result = calculate(operator, left, right)
      if (result !== undefined) return result
    }
    const areTexts = typeof left === 'string' || typeof right === 'string'
    if (operator === ts.SyntaxKind.PlusToken && areTexts && isScalar(left) && isScalar(right))
      return `${String(left)}${String(right)}`
    // What is wrong with its sides was told already.
    if (left === undefined || right === undefined) return undefined
    return this.#fail(expression, path, 'is computed')
  }

  /** `limits.timeout`, `Mode.Fast`, or the export of a namespace. */
  #evaluateMember(access: ts.PropertyAccessExpression, path: string): StaticValue {
    const symbol = this.#checker.getSymbolAtLocation(access.name)
    const declaration = symbol && this.#resolve(symbol).valueDeclaration
    if (declaration && (ts.isEnumMember(declaration) || ts.isVariableDeclaration(declaration)))
      return this.#evaluateName(access.name, access, path)
    return this.#takeMember(access, access.expression, { name: access.name.text, path })
  }

  #takeMember(
    access: ts.Expression,
    object: ts.Expression,
    member: { readonly name: StaticValue; readonly path: string },
  ): StaticValue {
    const { name, path } = member
    if (access.getText().startsWith('process.env'))
      return this.#fail(access, path, 'is read from the environment when the program runs')
    const failuresBefore = this.failures.length
    const value = this.evaluate(object, path)
    if (this.failures.length > failuresBefore) {
      const [failure] = this.failures.slice(failuresBefore)
      // Of `Math.PI` it is all of it that has no value, not `Math`.
      if (failure?.node === unwrapExpression(object))
        this.failures.splice(failuresBefore, 1, { ...failure, node: access })
      return undefined
    }
    if (isList(value) && typeof name === 'number') return value[name]
    if (isRecord(value) && typeof name === 'string' && Object.hasOwn(value, name))
      return value[name]
    return this.#fail(access, path, 'has no value that is known before the program runs')
  }

  #evaluateName(name: ts.Identifier | ts.MemberName, blamed: ts.Node, path: string): StaticValue {
    if (name.text === 'undefined') return undefined
    return this.#evaluateSymbol(this.#checker.getSymbolAtLocation(name), blamed, path)
  }

  #evaluateSymbol(symbol: ts.Symbol | undefined, blamed: ts.Node, path: string): StaticValue {
    const declaration = symbol && this.#resolve(symbol).valueDeclaration
    if (!declaration) return this.#fail(blamed, path, 'is not known')
    if (ts.isEnumMember(declaration)) {
      const value = this.#checker.getConstantValue(declaration)
      return value ?? this.#fail(blamed, path, 'is computed when the program runs')
    }
    if (!ts.isVariableDeclaration(declaration)) return this.#fail(blamed, path, 'is no constant')
    if ((ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) === 0)
      return this.#fail(blamed, path, 'may change while the program runs: make it a const')
    if (declaration.initializer) return this.#evaluateConstant(declaration, blamed, path)
    // A package's declarations have types alone, and the type of a literal is its value.
    const type = this.#checker.getTypeAtLocation(declaration)
    if (type.isStringLiteral() || type.isNumberLiteral()) return type.value
    return this.#fail(blamed, path, 'has no value that is known before the program runs')
  }

  #evaluateConstant(
    declaration: ts.VariableDeclaration,
    blamed: ts.Node,
    path: string,
  ): StaticValue {
    const { initializer } = declaration
    if (!initializer || this.#open.has(declaration))
      return this.#fail(blamed, path, 'is defined by itself')
    this.#open.add(declaration)
    const value = this.evaluate(initializer, path)
    this.#open.delete(declaration)
    return value
  }

  #resolve(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }
}

/** An expression without what only the compiler sees: parentheses, `as`, `satisfies`, `!`. */
export function unwrapExpression(expression: ts.Expression): ts.Expression {
  let inner = expression
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isTypeAssertionExpression(inner)
  )
    inner = inner.expression
  return inner
}

/** The key of a member in `places`. */
export function joinPath(path: string, member: string | number): string {
  return path === '' ? String(member) : `${path}.${member}`
}

function calculate(operator: ts.SyntaxKind, left: number, right: number): number | undefined {
  switch (operator) {
    case ts.SyntaxKind.PlusToken:
      return left + right
    case ts.SyntaxKind.MinusToken:
      return left - right
    case ts.SyntaxKind.AsteriskToken:
      return left * right
    case ts.SyntaxKind.SlashToken:
      return left / right
    case ts.SyntaxKind.PercentToken:
      return left % right
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return left ** right
    default:
      return undefined
  }
}

function describeExpression(expression: ts.Expression): string {
  if (ts.isCallExpression(expression) || ts.isNewExpression(expression))
    return 'is a call, which is made when the program runs'
  if (ts.isFunctionExpression(expression) || ts.isArrowFunction(expression)) return 'is a function'
  if (ts.isConditionalExpression(expression)) return 'is decided when the program runs'
  if (ts.isAwaitExpression(expression)) return 'is awaited when the program runs'
  return 'is computed when the program runs'
}

function isScalar(value: StaticValue): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function isList(value: StaticValue): value is readonly StaticValue[] {
  return Array.isArray(value)
}

export function isRecord(value: StaticValue): value is Readonly<Record<string, StaticValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
