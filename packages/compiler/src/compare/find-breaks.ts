import { listAlternatives, type Alternative } from './alternatives.ts'
import { findArrayBreaks } from './array-breaks.ts'
import {
  doubt,
  listValueTexts,
  nameAlternative,
  nameAlternatives,
  refuse,
  type Break,
} from './break.ts'
import type { Comparison, Pair, Side } from './comparison.ts'
import { areDisjoint, haveOtherValues, mayOverlap } from './disjoint.ts'
import { findKeywordBreaks } from './keyword-breaks.ts'
import { makeSamples } from './make-samples.ts'
import { findNumberBreaks } from './number-breaks.ts'
import { findObjectBreaks } from './object-breaks.ts'
import { areSame } from './same-schema.ts'
import { isRecord, type AllOf, type SchemaSource } from './schema-source.ts'
import { splitByMember } from './split-by-member.ts'
import { findStringBreaks } from './string-breaks.ts'

/**
 * Whether every value that `written` allows is one that `read` takes: it is if there are no breaks.
 * Decided from how the schemas are built, member by member. What cannot be told so is tried with
 * samples, and is a break that is not certain if no sample is refused.
 *
 * An object whose schema says nothing of further members is open to them, for a reader; of a writer
 * it is taken that it does not write under a name that only the reader knows. Else every new optional
 * member would be a break.
 *
 * Libraries were tried (`json-schema-diff` 1.0.0): none follows recursive references, and `const`,
 * `enum`, `pattern` and tuples were passed over.
 */
export function findBreaks(written: Side, read: Side): readonly Break[] {
  return new SchemaComparison(written.source, read.source).compare(written.all, read.all, '$')
}

const MAX_STEPS = 20_000

/**
 * One comparison. Recursive types end because a pair that is being compared is taken to fit: every
 * value is finite, and a break shows where the types themselves differ. What was found to fit on the
 * strength of that is forgotten again when the pair turns out not to.
 */
class SchemaComparison implements Comparison {
  readonly written: SchemaSource
  readonly read: SchemaSource
  #fitting: string[] = []
  #steps = 0
  readonly #numbers = new Map<unknown, number>()

  constructor(written: SchemaSource, read: SchemaSource) {
    this.written = written
    this.read = read
  }

  compare(written: AllOf, read: AllOf, path: string): readonly Break[] {
    if (areSame({ all: written, source: this.written }, { all: read, source: this.read })) return []
    const key = `${this.#toKey(written, this.written)}<${this.#toKey(read, this.read)}`
    return this.#assume(key, path, () => this.#compareAlternatives(written, read, path))
  }

  #assume(key: string, path: string, compare: () => readonly Break[]): readonly Break[] {
    if (this.#fitting.includes(key)) return []
    if (this.#steps++ > MAX_STEPS) return [doubt(path, 'is too large', 'it cannot be compared')]
    const before = this.#fitting.length
    this.#fitting.push(key)
    const breaks = compare()
    if (breaks.length > 0) this.#fitting = this.#fitting.slice(0, before)
    return dropRepeated(breaks)
  }

  #compareAlternatives(written: AllOf, read: AllOf, path: string): readonly Break[] {
    const some = listAlternatives(written, this.written)
    const others = listAlternatives(read, this.read)
    if (some.list.length === 0) return []
    if (others.list.length === 0) return [refuse(path, 'may be there', 'nothing is taken here')]
    const place = { written, read, path }
    const breaks = some.list.flatMap((one) => this.#fit(one, others.list, place))
    if (breaks.length > 0) return breaks
    const isOverlapping = others.oneOfs.some((options) => mayOverlap(options, this.read))
    const inexact =
      others.inexact ?? (isOverlapping ? 'options of its oneOf may overlap' : undefined)
    if (inexact === undefined) return []
    return this.#try([doubt(path, 'is not the same', `${inexact}, so it cannot be told`)], place)
  }

  /** Whether some of what is written is within what is read. */
  #fit(one: Alternative, others: readonly Alternative[], place: Place): readonly Break[] {
    const { path } = place
    if (one.values) return this.#fitValues(one, others, place)
    const ofType = others.filter(({ type }) => type === one.type)
    const near = ofType.filter(
      (other) => !areDisjoint({ of: one, source: this.written }, { of: other, source: this.read }),
    )
    const [first, ...rest] = near
    if (first === undefined) return this.#explainRefusal(one, others, path)
    if (rest.length === 0) return this.#try(this.#compareWith(one, first, path), place)
    const tried = near.map((other) => this.#compareWith(one, other, path))
    if (tried.some((breaks) => breaks.length === 0)) return []
    const parts = splitByMember(one, near, this)
    if (parts) return parts.flatMap((part) => this.#fit(part, near, place))
    const [nearest = []] = tried.toSorted((a, b) => a.length - b.length)
    return this.#try(
      nearest.map((each) => ({ ...each, isCertain: false })),
      place,
    )
  }

  /** Nothing that is read has anything in common with it: tells the members of what was meant. */
  #explainRefusal(one: Alternative, others: readonly Alternative[], path: string) {
    const meant = others
      .filter(
        (other) =>
          other.type === one.type &&
          !haveOtherValues({ of: one, source: this.written }, { of: other, source: this.read }),
      )
      .map((other) => this.#compareWith(one, other, path))
    const [nearest = []] = meant.toSorted((a, b) => a.length - b.length)
    if (nearest.length > 0) return nearest
    const expected = nameAlternatives(others)
    return [refuse(path, `may be ${nameAlternative(one)}`, `it must be ${expected}`)]
  }

  #fitValues(one: Alternative, others: readonly Alternative[], place: Place): readonly Break[] {
    const refused = (one.values ?? []).filter(
      (value) =>
        this.written.accepts(place.written, value) && !this.read.accepts(place.read, value),
    )
    const [example] = refused
    if (example === undefined) return []
    return [
      {
        ...refuse(
          place.path,
          `may be ${listValueTexts(refused)}`,
          `it must be ${nameAlternatives(others)}`,
        ),
        example,
      },
    ]
  }

  #compareWith(written: Alternative, read: Alternative, path: string): readonly Break[] {
    const pair: Pair = { written, read, path }
    if (read.values) {
      const takes = `it must be ${nameAlternative(read)}`
      return [doubt(path, `may be any ${nameAlternative(written).replace(/^an? /, '')}`, takes)]
    }
    const [mine, its] = [
      this.#toKey(written.schemas, this.written),
      this.#toKey(read.schemas, this.read),
    ]
    return this.#assume(`${written.type} ${mine}<${its}`, path, () => [
      ...findKeywordBreaks(pair, this),
      ...this.#compareType(pair),
    ])
  }

  #compareType(pair: Pair): readonly Break[] {
    switch (pair.written.type) {
      case 'number':
        return findNumberBreaks(pair)
      case 'string':
        return findStringBreaks(pair)
      case 'array':
        return findArrayBreaks(pair, this)
      case 'object':
        return findObjectBreaks(pair, this)
      case 'null':
      case 'boolean':
        return []
    }
  }

  /** Makes certain what a sample proves. */
  #try(breaks: readonly Break[], { written, read, path }: Place): readonly Break[] {
    const isProvable = ({ path: at, isCertain, example }: Break): boolean =>
      !isCertain || (at === path && example === undefined)
    if (!breaks.some(isProvable)) return breaks
    const near = listAlternatives(read, this.read).list.flatMap(({ schemas }) => schemas)
    const example = makeSamples(written, this.written, near).find(
      (value) => !this.read.accepts(read, value),
    )
    if (example === undefined) return breaks
    return breaks.map((each) =>
      !isProvable(each)
        ? each
        : { ...each, isCertain: true, ...(each.path === path && { example }) },
    )
  }

  /** The same for the same schemas, in whatever order and by whatever reference. */
  #toKey(all: AllOf, source: SchemaSource): string {
    return all
      .map((schema) => {
        const target = typeof schema === 'object' && schema.$ref && source.resolve(schema.$ref)
        return isRecord(target) ? this.#numberOf(target) : this.#numberOf(schema)
      })
      .sort()
      .join('+')
  }

  #numberOf(schema: unknown): string {
    const number = this.#numbers.get(schema) ?? this.#numbers.size
    this.#numbers.set(schema, number)
    return String(number)
  }
}

interface Place {
  readonly written: AllOf
  readonly read: AllOf
  readonly path: string
}

function dropRepeated(breaks: readonly Break[]): readonly Break[] {
  const seen = new Set<string>()
  return breaks.filter(({ path, writes, takes }) => {
    const text = JSON.stringify([path, writes, takes])
    return !seen.has(text) && seen.add(text)
  })
}
