import { findLeast, findMost } from './bounds.ts'
import { count, doubt, refuse, type Break } from './break.ts'
import type { Pair } from './comparison.ts'

/** Patterns are compared by how they are written: whether one is within another is not decided. */
export function findStringBreaks({ written, read, path }: Pair): Break[] {
  const breaks: Break[] = []
  // A pattern or a format may leave no text of the length in question.
  const isPlain = written.schemas.every(({ pattern, format }) => !pattern && !format)
  const tell = isPlain ? refuse : doubt
  const least = findLeast(read.schemas, 'minLength')
  const shortest = findLeast(written.schemas, 'minLength')
  if (least > shortest)
    breaks.push(
      tell(
        path,
        shortest === 0 ? 'may be empty' : `may have only ${count(shortest, 'character')}`,
        `it must have at least ${count(least, 'character')}`,
      ),
    )
  const most = findMost(read.schemas, 'maxLength')
  const longest = findMost(written.schemas, 'maxLength')
  if (most < longest)
    breaks.push(
      tell(
        path,
        longest === Infinity ? 'may be of any length' : `may have ${count(longest, 'character')}`,
        `it must have at most ${count(most, 'character')}`,
      ),
    )
  for (const { pattern, format } of read.schemas) {
    if (pattern !== undefined && !written.schemas.some((one) => one.pattern === pattern))
      breaks.push(
        doubt(path, describeText(written.schemas), `it must match the pattern ${pattern}`),
      )
    if (format !== undefined && !written.schemas.some((one) => one.format === format))
      breaks.push(
        doubt(
          path,
          describeText(written.schemas),
          `it must be of the format ${format}, where that is checked`,
        ),
      )
  }
  return breaks
}

function describeText(schemas: Pair['written']['schemas']): string {
  const pattern = schemas.find((one) => one.pattern !== undefined)?.pattern
  if (pattern !== undefined) return `matches the pattern ${pattern}`
  const format = schemas.find((one) => one.format !== undefined)?.format
  return format === undefined ? 'may be any text' : `is of the format ${format}`
}
