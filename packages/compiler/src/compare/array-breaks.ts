import { findLeast, findMost } from './bounds.ts'
import { count, doubt, refuse, type Break } from './break.ts'
import type { Comparison, Pair } from './comparison.ts'
import { countPlaces, schemasOfItem } from './members.ts'

export function findArrayBreaks(pair: Pair, comparison: Comparison): Break[] {
  const { written, read, path } = pair
  const places = Math.max(countPlaces(written.schemas), countPlaces(read.schemas))
  const longest = findMost(written.schemas, 'maxItems')
  const breaks = findCountBreaks(pair)
  for (let index = 0; index <= places && index < longest; index++) {
    const at = index === places ? `${path}[]` : `${path}[${index}]`
    const [mine, its] = [schemasOfItem(written.schemas, index), schemasOfItem(read.schemas, index)]
    breaks.push(...comparison.compare(mine, its, at))
  }
  return breaks
}

function findCountBreaks({ written, read, path }: Pair): Break[] {
  const breaks: Break[] = []
  const least = findLeast(read.schemas, 'minItems')
  const fewest = findLeast(written.schemas, 'minItems')
  if (least > fewest)
    breaks.push(
      refuse(
        path,
        fewest === 0 ? 'may be empty' : `may have only ${count(fewest, 'item')}`,
        `it must have at least ${count(least, 'item')}`,
      ),
    )
  const most = findMost(read.schemas, 'maxItems')
  const longest = findMost(written.schemas, 'maxItems')
  if (most < longest)
    breaks.push(
      // A tuple may be closed by what its further items must be.
      doubt(
        path,
        longest === Infinity
          ? 'may have any number of items'
          : `may have ${count(longest, 'item')}`,
        `it must have at most ${count(most, 'item')}`,
      ),
    )
  const isUnique = (schemas: typeof written.schemas) => schemas.some((one) => one.uniqueItems)
  if (isUnique(read.schemas) && !isUnique(written.schemas) && longest > 1)
    breaks.push(doubt(path, 'may have equal items', 'its items must differ'))
  return breaks
}
