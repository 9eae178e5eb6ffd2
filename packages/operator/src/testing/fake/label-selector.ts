/** Whether labels are as a `labelSelector` wants them: `a=b,c!=d,e,!f,g in (h,i)`. */
export function parseSelector(text: string): (labels: Labels) => boolean {
  // Commas inside parentheses part values.
  const wishes = text
    .split(/,(?![^(]*\))/)
    .filter((wish) => wish.trim() !== '')
    .map(parseWish)
  return (labels) => wishes.every((isAsWished) => isAsWished(labels))
}

type Labels = Readonly<Record<string, string>>

function parseWish(wish: string): (labels: Labels) => boolean {
  const listed = /^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(wish)
  if (listed !== null) {
    const [, name = '', operator, list = ''] = listed
    const values = new Set(list.split(',').map((value) => value.trim()))
    const isIn = (labels: Labels): boolean => values.has(labels[name] ?? '\0')
    return operator === 'in' ? isIn : (labels) => !isIn(labels)
  }
  const [, name = '', operator, value = ''] =
    /^\s*([^=!\s]+)\s*(!=|==?)\s*(\S*)\s*$/.exec(wish) ?? []
  if (operator === '!=') return (labels) => labels[name] !== value
  if (operator !== undefined) return (labels) => labels[name] === value
  const bare = wish.trim()
  return bare.startsWith('!')
    ? (labels) => !Object.hasOwn(labels, bare.slice(1))
    : (labels) => Object.hasOwn(labels, bare)
}
