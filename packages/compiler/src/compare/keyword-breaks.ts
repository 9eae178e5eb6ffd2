import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../model/model.ts'
import { listAlternatives } from './alternatives.ts'
import { doubt, type Break } from './break.ts'
import { areDisjoint } from './disjoint.ts'
import type { Comparison, Pair } from './comparison.ts'
import { areSame } from './same-schema.ts'

/** Keywords of other people's schemas that are compared by how they are written. */
const BY_WRITING = [
  'contains',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'propertyNames',
  'if',
  'then',
  'else',
  'prefixItems',
  'unevaluatedItems',
  'unevaluatedProperties',
] as const

/** `not`, and what is compared by how it is written. */
export function findKeywordBreaks(pair: Pair, comparison: Comparison): Break[] {
  const { read, written, path } = pair
  const breaks: Break[] = []
  for (const schema of read.schemas) {
    if (schema.not && !isOutside(schema.not, pair, comparison))
      breaks.push(doubt(path, 'may be what a "not" excludes', 'that "not" must hold'))
    for (const keyword of BY_WRITING) {
      const wanted: unknown = Reflect.get(schema, keyword)
      if (wanted === undefined) continue
      if (written.schemas.some((one) => isDeepStrictEqual(Reflect.get(one, keyword), wanted)))
        continue
      breaks.push(doubt(path, 'may be otherwise', `its "${keyword}" must hold`))
    }
  }
  return breaks
}

function isOutside(excluded: JsonSchema, { written }: Pair, comparison: Comparison): boolean {
  const isSaidToo = written.schemas.some(
    ({ not }) =>
      not !== undefined &&
      areSame(
        { all: [not], source: comparison.written },
        { all: [excluded], source: comparison.read },
      ),
  )
  if (isSaidToo) return true
  return listAlternatives([excluded], comparison.read).list.every((other) =>
    areDisjoint(
      { of: written, source: comparison.written },
      { of: other, source: comparison.read },
    ),
  )
}
