import { findLeast, findMost } from './bounds.ts'
import { count, doubt, refuse, type Break } from './break.ts'
import type { Comparison, Pair } from './comparison.ts'
import {
  isMentioned,
  isRequired,
  listMemberNames,
  listPatterns,
  pickMember,
  schemasOfMember,
  schemasOfOtherMembers,
  writeMember,
} from './members.ts'
import type { AllOf } from './schema-source.ts'

export function findObjectBreaks(pair: Pair, comparison: Comparison): Break[] {
  const { written, read, path } = pair
  const names = listMemberNames([...written.schemas, ...read.schemas])
  return [
    ...findCountBreaks(pair),
    ...names.flatMap((name) => findMemberBreaks(name, pair, comparison)),
    ...findPatternBreaks(pair, comparison),
    ...comparison.compare(
      schemasOfOtherMembers(written.schemas),
      schemasOfOtherMembers(read.schemas),
      `${path}.*`,
    ),
  ]
}

function findMemberBreaks(name: string, pair: Pair, comparison: Comparison): readonly Break[] {
  const { written, read } = pair
  const path = pair.path + writeMember(name)
  const isLacking = isRequired(read.schemas, name) && !isRequired(written.schemas, name)
  const isWritten = isMentioned(written.schemas, name) || isRequired(written.schemas, name)
  return [
    ...(isLacking ? [refuse(path, 'may be missing', 'it must be there')] : []),
    ...(isWritten
      ? comparison.compare(
          schemasOfMember(written.schemas, name),
          schemasOfMember(read.schemas, name),
          path,
        )
      : []),
  ]
}

/** Names that match a pattern may match others too: what is refused by one of them is no certainty. */
function findPatternBreaks({ written, read, path }: Pair, comparison: Comparison): Break[] {
  const own = listPatterns(written.schemas)
  const patterns = [...new Set([...own, ...listPatterns(read.schemas)])]
  return patterns.flatMap((pattern) => {
    const mine = own.includes(pattern)
      ? written.schemas.flatMap((schema): AllOf => pickMember(schema.patternProperties, pattern))
      : schemasOfOtherMembers(written.schemas)
    const its = read.schemas.flatMap((schema): AllOf => {
      const same = pickMember(schema.patternProperties, pattern)
      const others = Object.entries(schema.patternProperties ?? {}).filter(([p]) => p !== pattern)
      const further = schema.additionalProperties
      return [
        ...same,
        ...others.map(([, member]) => member),
        ...(same.length === 0 && further !== undefined ? [further] : []),
      ]
    })
    return comparison
      .compare(mine, its, `${path}.{${pattern}}`)
      .map((each) => ({ ...each, isCertain: each.isCertain && patterns.length === 1 }))
  })
}

function findCountBreaks({ written, read, path }: Pair): Break[] {
  const breaks: Break[] = []
  const names = listMemberNames(written.schemas)
  const required = names.filter((name) => isRequired(written.schemas, name)).length
  const least = findLeast(read.schemas, 'minProperties')
  const fewest = Math.max(required, findLeast(written.schemas, 'minProperties'))
  if (least > fewest)
    breaks.push(
      doubt(
        path,
        `may have only ${count(fewest, 'member')}`,
        `it must have at least ${count(least, 'member')}`,
      ),
    )
  const isClosed =
    listPatterns(written.schemas).length === 0 &&
    schemasOfOtherMembers(written.schemas).includes(false)
  const longest = findMost(written.schemas, 'maxProperties')
  const largest = isClosed ? Math.min(names.length, longest) : longest
  const most = findMost(read.schemas, 'maxProperties')
  if (most < largest)
    breaks.push(
      doubt(
        path,
        largest === Infinity
          ? 'may have any number of members'
          : `may have ${count(largest, 'member')}`,
        `it must have at most ${count(most, 'member')}`,
      ),
    )
  return breaks
}
