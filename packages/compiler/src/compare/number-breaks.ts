import {
  findLowerBound,
  findUpperBound,
  isAbove,
  isBelow,
  isInteger,
  listMultiples,
  type Bound,
} from './bounds.ts'
import { doubt, refuse, type Break } from './break.ts'
import type { Pair } from './comparison.ts'

export function findNumberBreaks({ written, read, path }: Pair): Break[] {
  const isWhole = isInteger(written.schemas)
  const breaks: Break[] = []
  const toWhole = (bound: Bound | undefined, step: 1 | -1): Bound | undefined =>
    bound && isWhole ? roundInwards(bound, step) : bound
  const lower = toWhole(findLowerBound(written.schemas), 1)
  const least = toWhole(findLowerBound(read.schemas), 1)
  if (least && (!lower || isAbove(least, lower)))
    breaks.push(
      refuse(
        path,
        lower ? `may be as low as ${lower.at}` : 'may be any number, however low',
        `it must be ${least.isExclusive ? 'more than' : 'at least'} ${least.at}`,
      ),
    )
  const upper = toWhole(findUpperBound(written.schemas), -1)
  const most = toWhole(findUpperBound(read.schemas), -1)
  if (most && (!upper || isBelow(most, upper)))
    breaks.push(
      refuse(
        path,
        upper ? `may be as high as ${upper.at}` : 'may be any number, however high',
        `it must be ${most.isExclusive ? 'less than' : 'at most'} ${most.at}`,
      ),
    )
  if (isInteger(read.schemas) && !isWhole)
    breaks.push(doubt(path, 'may have decimals', 'it must be a whole number'))
  const own = [...listMultiples(written.schemas), ...(isWhole ? [1] : [])]
  for (const multiple of listMultiples(read.schemas)) {
    if (own.some((one) => Number.isInteger(one / multiple))) continue
    if (multiple === 1 && !isWhole) continue
    breaks.push(doubt(path, 'may be between them', `it must be a multiple of ${multiple}`))
  }
  return breaks
}

/** The nearest whole number inside a bound. */
function roundInwards({ at, isExclusive }: Bound, step: 1 | -1): Bound {
  const whole = step === 1 ? Math.ceil(at) : Math.floor(at)
  return { at: isExclusive && whole === at ? whole + step : whole, isExclusive: false }
}
