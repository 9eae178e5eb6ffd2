/** Above this many edits two names are no longer alike. */
const MAX_EDITS = 2

/** The name among `known` that was probably meant, as the end of a sentence; else an empty text. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = findNearest(name, known)
  return nearest === undefined ? '' : `; did you mean ${nearest}?`
}

function findNearest(name: string, known: readonly string[]): string | undefined {
  const plain = simplify(name)
  const ranked = known
    .map((candidate) => ({ candidate, edits: countEdits(plain, simplify(candidate)) }))
    .filter(({ edits }) => edits <= Math.min(MAX_EDITS, Math.floor(plain.length / 2)))
    .sort((one, other) => one.edits - other.edits)
  return ranked[0]?.candidate
}

/** Case and separators are what people mix up: `read-page`, `read_page` and `readPage` are alike. */
function simplify(name: string): string {
  return name.toLowerCase().replace(/[-_.$]/g, '')
}

/** The Levenshtein distance, one row of its table at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1]
    for (let column = 0; column < to.length; column++) {
      const replaced = (row[column] ?? 0) + (from[index] === to[column] ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
