import type { Change } from './change.ts'
import type { Contract } from './contract.ts'

/** How many results follow from one message: who waits for them has to know. */
export function compareCardinality(old: Contract, now: Contract): Change[] {
  const { cardinality: was } = old
  const { cardinality: is, kind, name } = now
  if (was === is || was === undefined || is === undefined) return []
  const reason = findReason(was, is)
  return [
    {
      kind,
      name,
      part: 'output',
      change: 'changed',
      breaks: reason === undefined ? [] : ['consumers'],
      isCertain: true,
      why: `It returned ${describe(was)}; it returns ${describe(is)}. ${reason ?? 'Who takes the one takes the other.'}`,
    },
  ]
}

function findReason(was: string, is: string): string | undefined {
  // There were no results that anybody could wait for.
  if (was === 'none') return undefined
  if (is === 'none') return 'Who waits for a result gets none.'
  if (is === 'many') return 'Who expects one result gets several.'
  if (was === 'many') return 'Who expects several results gets at most one.'
  return is === 'optional' ? 'Who waits for a result may get none.' : undefined
}

function describe(cardinality: string): string {
  switch (cardinality) {
    case 'one':
      return 'one result'
    case 'optional':
      return 'one result or none'
    case 'many':
      return 'any number of results'
    case 'none':
      return 'nothing'
    default:
      return cardinality
  }
}
