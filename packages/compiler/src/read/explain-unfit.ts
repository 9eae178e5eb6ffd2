import { ts } from 'ts-morph'

/**
 * Says in a sentence what of one type does not fit another: the first member that differs, with its
 * path. The same sentences as the SDK's own types (`unfit-type.ts`), which authors see in their
 * editors; only the first of several differences may be another.
 */

export interface FitTools {
  readonly checker: ts.TypeChecker
  /** Anything that JSON can hold. */
  readonly anyJson: ts.Type
}

/** Where a search stands. */
interface At {
  readonly path: string
  readonly depth: number
}

/** Deeper differences are told at the place where the search ended. */
const MAX_DEPTH = 24

export function explainUnfit(given: ts.Type, wanted: ts.Type, tools: FitTools): string {
  return (
    new Search(tools.checker).explain(given, wanted, { path: '', depth: 0 }) ??
    'the payload does not fit'
  )
}

class Search {
  readonly #checker: ts.TypeChecker

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  /** Undefined when it fits. */
  explain(given: ts.Type, wanted: ts.Type, at: At): string | undefined {
    const { path, depth } = at
    if (this.#checker.isTypeAssignableTo(given, wanted)) return undefined
    if (depth > MAX_DEPTH) return `${showPlace(path)} does not fit`
    const unfit = listMembers(given).find((one) => !this.#checker.isTypeAssignableTo(one, wanted))
    // Each of its members fits, and yet the union does not: a boolean, of which each half is a literal.
    const culprit = unfit ?? given
    if (culprit.flags & ts.TypeFlags.Null) return `${showPlace(path)} may be null`
    if (culprit.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void))
      return `${showPlace(path)} may be missing`
    if (isScalar(culprit)) return this.#explainScalar(culprit, wanted, path)
    if (this.#isList(culprit)) return this.#explainList(culprit, wanted, at)
    return this.#explainRecord(culprit, wanted, at)
  }

  /** A literal is named when only other values of its kind would fit. */
  #explainScalar(given: ts.Type, wanted: ts.Type, path: string): string {
    if (!this.#kindsOf(wanted).includes(this.#kindOf(given)))
      return this.#wrongKind(given, wanted, path)
    return `${showPlace(path)} may be ${this.#show(given)}`
  }

  #show(type: ts.Type): string {
    if (type.isStringLiteral()) return `'${type.value}'`
    const text = this.#checker.typeToString(type)
    return text === 'string' || text === 'number' ? `any ${text}` : text
  }

  #explainList(given: ts.Type, wanted: ts.Type, at: At): string {
    const { path } = at
    const lists = listMembers(wanted).filter((one) => this.#isList(one))
    if (lists.length === 0) return this.#wrongKind(given, wanted, path)
    const givenItem = this.#itemOf(given)
    const reasons = lists.map((list) => {
      const wantedItem = this.#itemOf(list)
      return givenItem && wantedItem && this.explain(givenItem, wantedItem, enter(at, '[]'))
    })
    const fitting = reasons.indexOf(undefined)
    if (fitting === -1) return reasons[0] ?? `${showPlace(path)} does not fit`
    return this.#isReadonly(given) && !this.#isReadonly(lists[fitting])
      ? `${showPlace(path)} is readonly; let the next take a readonly array`
      : `${showPlace(path)} may have another length`
  }

  #explainRecord(given: ts.Type, wanted: ts.Type, at: At): string {
    const { path } = at
    const records = listMembers(wanted).filter((one) => this.#kindOf(one) === 'an object')
    if (records.length === 0) return this.#wrongKind(given, wanted, path)
    const counterparts = records.filter((one) => this.#hasSameLiterals(given, one))
    const [wantedRecord = records[0]] = counterparts
    if (!wantedRecord) return `${showPlace(path)} does not fit`
    // Of several that are alike, what differs in all of them says more than what differs in one.
    const alike = counterparts.length > 0 ? counterparts : records
    if (alike.length > 1 && counterparts.length === 0) {
      const literal = this.#findLiteral(given, alike)
      if (literal !== undefined) return `${path}.${literal.name} may be ${this.#show(literal.type)}`
    }
    return this.#explainMembers(given, wantedRecord, at)
  }

  #explainMembers(given: ts.Type, wanted: ts.Type, at: At): string {
    const { path } = at
    const checker = this.#checker
    const members = checker.getPropertiesOfType(wanted)
    const missing = members.find((member) => !isOptional(member) && !given.getProperty(member.name))
    if (missing && !this.#indexOf(given)) return `${path}.${missing.name} is missing`
    for (const member of members) {
      const theirs = given.getProperty(member.name)
      if (!theirs) continue
      const inside = enter(at, `.${member.name}`)
      if (isOptional(theirs) && !isOptional(member)) return `${inside.path} may be missing`
      const why = this.explain(this.#typeOf(theirs), this.#typeOf(member), inside)
      if (why !== undefined) return why
    }
    return this.#explainIndex(given, wanted, at) ?? this.#explainRest(given, wanted, path)
  }

  /** What an index signature of the next takes, against each member of what comes before it. */
  #explainIndex(given: ts.Type, wanted: ts.Type, at: At): string | undefined {
    const { path } = at
    const wantedIndex = this.#indexOf(wanted)
    if (!wantedIndex) return undefined
    const givenIndex = this.#indexOf(given)
    if (givenIndex) return this.explain(givenIndex, wantedIndex, enter(at, '.*'))
    for (const member of this.#checker.getPropertiesOfType(given)) {
      const why = this.explain(this.#typeOf(member), wantedIndex, enter(at, `.${member.name}`))
      if (why !== undefined) return why
    }
    return `${showPlace(path)} is an interface, which has no index signature; make it a type`
  }

  /** Every member fits, and yet the record does not. */
  #explainRest(given: ts.Type, wanted: ts.Type, path: string): string {
    const members = this.#checker.getPropertiesOfType(wanted)
    const required = members.find((member) => !isOptional(member))
    if (this.#indexOf(given) && required) return `${path}.${required.name} may be missing`
    const isShared = members.some((member) => given.getProperty(member.name))
    if (!isShared && members.length > 0)
      return `${showPlace(path)} has no member that the next takes`
    return `${showPlace(path)} does not fit`
  }

  /** Whether every literal of a record stands in the other too: they are the same case of a union. */
  #hasSameLiterals(given: ts.Type, wanted: ts.Type): boolean {
    const literals = this.#checker
      .getPropertiesOfType(wanted)
      .filter((member) => isLiteral(this.#typeOf(member)) && given.getProperty(member.name))
    if (literals.length === 0) return false
    return literals.every((member) => {
      const theirs = given.getProperty(member.name)
      return theirs && this.#checker.isTypeAssignableTo(this.#typeOf(theirs), this.#typeOf(member))
    })
  }

  /** A literal of which no case of the union knows. */
  #findLiteral(
    given: ts.Type,
    cases: readonly ts.Type[],
  ): { readonly name: string; readonly type: ts.Type } | undefined {
    for (const member of this.#checker.getPropertiesOfType(given)) {
      const type = this.#typeOf(member)
      const unknown = listMembers(type).find(
        (one) =>
          isLiteral(one) &&
          cases.every((each) => {
            const theirs = each.getProperty(member.name)
            return (
              theirs &&
              isLiteral(this.#typeOf(theirs)) &&
              !this.#checker.isTypeAssignableTo(one, this.#typeOf(theirs))
            )
          }),
      )
      if (unknown) return { name: member.name, type: unknown }
    }
    return undefined
  }

  #wrongKind(given: ts.Type, wanted: ts.Type, path: string): string {
    return `${showPlace(path)} is ${this.#kindOf(given)}, not ${this.#kindsOf(wanted).join(' or ')}`
  }

  /** The kinds of JSON values in a type, each once. */
  #kindsOf(type: ts.Type): string[] {
    const kinds = new Set(listMembers(type).map((one) => this.#kindOf(one)))
    const shown = [...kinds].filter((kind) => kind !== 'null' && kind !== 'undefined')
    return shown.length > 0 ? shown : [...kinds]
  }

  #kindOf(type: ts.Type): string {
    if (type.flags & ts.TypeFlags.StringLike) return 'a string'
    if (type.flags & ts.TypeFlags.NumberLike) return 'a number'
    if (type.flags & ts.TypeFlags.BooleanLike) return 'a boolean'
    if (type.flags & ts.TypeFlags.Null) return 'null'
    if (type.flags & ts.TypeFlags.Undefined) return 'undefined'
    // A brand is an intersection with what it brands.
    if (type.isIntersection()) {
      const scalar = type.types.find((one) => isScalar(one))
      if (scalar) return this.#kindOf(scalar)
    }
    return this.#isList(type) ? 'an array' : 'an object'
  }

  #typeOf(member: ts.Symbol): ts.Type {
    return this.#checker.getTypeOfSymbol(member)
  }

  #indexOf(type: ts.Type): ts.Type | undefined {
    return this.#checker.getIndexTypeOfType(type, ts.IndexKind.String)
  }

  #itemOf(list: ts.Type): ts.Type | undefined {
    return this.#checker.getIndexTypeOfType(list, ts.IndexKind.Number)
  }

  #isList(type: ts.Type): boolean {
    return this.#checker.isArrayType(type) || this.#checker.isTupleType(type)
  }

  #isReadonly(type: ts.Type | undefined): boolean {
    return type !== undefined && this.#checker.typeToString(type).startsWith('readonly ')
  }
}

function enter({ path, depth }: At, member: string): At {
  return { path: path + member, depth: depth + 1 }
}

function listMembers(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type]
}

const SCALAR = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike

function isScalar(type: ts.Type): boolean {
  return (type.flags & SCALAR) !== 0
}

function isLiteral(type: ts.Type): boolean {
  return listMembers(type).every((one) => (one.flags & ts.TypeFlags.Literal) !== 0)
}

function isOptional(member: ts.Symbol): boolean {
  return (member.flags & ts.SymbolFlags.Optional) !== 0
}

function showPlace(path: string): string {
  return path === '' ? 'the payload' : path
}
