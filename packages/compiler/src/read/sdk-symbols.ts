import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ts } from 'ts-morph'

/** Recognises what comes from `@asya/sdk`, by where it is declared and not by how it is written. */

const SDK = '@asya/sdk'

/** Functions of the SDK that define something the build reads. */
const DEFINERS = {
  defineActor: 'actor',
  remoteActor: 'remote',
  pythonActor: 'python',
  definePipeline: 'pipeline',
} as const

export type DefinitionKind = (typeof DEFINERS)[keyof typeof DEFINERS]

/** Interfaces whose first two type arguments are what goes in and what comes out. */
const DEFINED: ReadonlyMap<string, 'actor' | 'pipeline'> = new Map([
  ['Actor', 'actor'],
  ['NamedActor', 'actor'],
  ['RemoteActor', 'actor'],
  ['PythonActor', 'actor'],
  ['Pipeline', 'pipeline'],
])

/** What goes into an actor, and what travels on from it. */
export interface Flow {
  readonly input: ts.Type
  readonly output: ts.Type
}

/** Which packages there are does not change while a project is open. */
const packageNames = new Map<string, string | undefined>()

export class SdkSymbols {
  readonly #checker: ts.TypeChecker

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  /** What a call defines; undefined when it calls anything else. */
  kindOfCall(call: ts.CallExpression): DefinitionKind | undefined {
    const name = this.nameOfCallee(call)
    return name !== undefined && isDefiner(name) ? DEFINERS[name] : undefined
  }

  /** The name under which the SDK exports the function that is called. */
  nameOfCallee({ expression }: ts.CallExpression): string | undefined {
    const named = ts.isPropertyAccessExpression(expression) ? expression.name : expression
    if (!ts.isIdentifier(named)) return undefined
    const symbol = this.#checker.getSymbolAtLocation(named)
    if (!symbol) return undefined
    const meant =
      symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
    return isOfSdk(meant) ? meant.name : undefined
  }

  /** Whether a value of this type is an actor or a pipeline; of a union, whether any of it is. */
  kindOfType(type: ts.Type): 'actor' | 'pipeline' | undefined {
    if (type.isUnion()) return type.types.map((one) => this.kindOfType(one)).find(Boolean)
    if (type.isIntersection()) return type.types.map((one) => this.kindOfType(one)).find(Boolean)
    const symbol = type.getSymbol()
    const kind = symbol && DEFINED.get(symbol.name)
    return kind && isOfSdk(symbol) ? kind : undefined
  }

  /** The type arguments of an actor's type. */
  flowOf(type: ts.Type): Flow | undefined {
    if (this.kindOfType(type) !== 'actor') return undefined
    if (type.isUnionOrIntersection())
      return type.types.map((one) => this.flowOf(one)).find((flow) => flow !== undefined)
    if (!isReference(type)) return undefined
    const [input, output] = this.#checker.getTypeArguments(type)
    return input && output && { input, output }
  }
}

function isDefiner(name: string): name is keyof typeof DEFINERS {
  return Object.hasOwn(DEFINERS, name)
}

function isReference(type: ts.Type): type is ts.TypeReference {
  const flags = ts.ObjectFlags.Reference
  return (
    (type.flags & ts.TypeFlags.Object) !== 0 && ((type as ts.ObjectType).objectFlags & flags) !== 0
  )
}

/** Whether a symbol is declared in `@asya/sdk`. */
function isOfSdk(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (declaration) => packageOf(dirname(declaration.getSourceFile().fileName)) === SDK,
  )
}

/** The name in the package.json around a folder. */
function packageOf(folder: string): string | undefined {
  if (!packageNames.has(folder)) packageNames.set(folder, readPackageName(folder))
  return packageNames.get(folder)
}

function readPackageName(folder: string): string | undefined {
  const path = join(folder, 'package.json')
  if (existsSync(path)) {
    const { name } = parseManifest(path)
    if (name !== undefined) return name
  }
  return folder === dirname(folder) ? undefined : packageOf(dirname(folder))
}

function parseManifest(path: string): { readonly name?: string } {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { readonly name?: string }
  } catch {
    return {}
  }
}
