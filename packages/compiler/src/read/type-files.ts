import { ts } from 'ts-morph'
import { isForeign } from './typescript-project.ts'

/** Of one generic type; all of them are declared in one place anyway. */
const MAX_INSTANCES = 20

/** The project's files that types are declared in, with all that these types are made of. */
export function findTypeFiles(types: readonly ts.Type[], program: ts.Program): Set<ts.SourceFile> {
  const checker = program.getTypeChecker()
  const files = new Set<ts.SourceFile>()
  const seen = new Set<ts.Type>()
  const pending = [...types]
  const instances = new Map<ts.Symbol, number>()
  for (let type = pending.pop(); type; type = pending.pop()) {
    if (seen.has(type)) continue
    seen.add(type)
    const count = (instances.get(type.symbol) ?? 0) + 1
    instances.set(type.symbol, count)
    // A generic type may hold ever other instances of itself.
    if (count > MAX_INSTANCES && isGeneric(type)) continue
    // Types of packages and of the compiler end the search, but for lists of our own.
    let isOwn = checker.isArrayType(type) || checker.isTupleType(type)
    for (const symbol of [type.aliasSymbol, type.getSymbol()])
      for (const declaration of symbol?.declarations ?? []) {
        const file = declaration.getSourceFile()
        if (isForeign(file)) continue
        files.add(file)
        isOwn = true
      }
    pending.push(...(type.aliasTypeArguments ?? []))
    if (type.isUnionOrIntersection()) pending.push(...type.types)
    else if (isOwn && isObject(type)) pending.push(...listParts(type, checker))
  }
  return files
}

function isObject(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Object) !== 0
}

function isGeneric(type: ts.Type): boolean {
  return 'target' in type || (type.aliasTypeArguments ?? []).length > 0
}

function listParts(type: ts.Type, checker: ts.TypeChecker): ts.Type[] {
  if (checker.isArrayType(type) || checker.isTupleType(type))
    return [...checker.getTypeArguments(type as ts.TypeReference)]
  return [
    ...checker.getPropertiesOfType(type).map((member) => checker.getTypeOfSymbol(member)),
    ...checker.getIndexInfosOfType(type).map((info) => info.type),
  ]
}
