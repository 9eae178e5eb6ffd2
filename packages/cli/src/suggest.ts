import { distance } from 'fastest-levenshtein'

const MAX_SUGGESTIONS = 3

/** The known names that may have been meant, nearest first. */
export function findNear(name: string, known: readonly string[]): string[] {
  const wanted = name.toLowerCase()
  const limit = Math.max(2, Math.floor(name.length / 3))
  return known
    .map((candidate) => ({ candidate, far: measure(wanted, candidate.toLowerCase()) }))
    .filter(({ far }) => far <= limit)
    .sort((one, other) => one.far - other.far)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate)
}

/** A beginning or a part of a name is near, however long the rest is. */
function measure(wanted: string, candidate: string): number {
  if (wanted.length >= 3 && candidate.includes(wanted)) return 1
  return distance(wanted, candidate)
}

/** `there is no pipeline "triag": did you mean "triage"?`, or all there are. */
export function explainUnknown(kind: string, name: string, known: readonly string[]): string {
  const head = `there is no ${kind} "${name}"`
  if (known.length === 0) return head
  const near = findNear(name, known)
  if (near.length > 0) return `${head}: did you mean ${near.map(quote).join(' or ')}?`
  const shown = known.slice(0, MAX_LISTED).join(', ')
  return `${head}: there is ${shown}${known.length > MAX_LISTED ? ', …' : ''}`
}

const MAX_LISTED = 20

function quote(name: string): string {
  return `"${name}"`
}
