/**
 * The name of an actor or pipeline as a type's: `read-page` → `ReadPage`, `v-2` → `V_2`. Two names
 * never become one.
 */
export function toTypeName(name: string): string {
  return name
    .split('-')
    .map((word) =>
      /^[a-z]/.test(word) ? word.charAt(0).toUpperCase() + word.slice(1) : `_${word}`,
    )
    .join('')
}

/** A name that nobody has: the wanted one, or with the first number behind it that makes it so. */
export function findFreeName(wanted: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(wanted)) return wanted
  for (let number = 2; ; number++) {
    const name = `${wanted}_${number}`
    if (!isTaken(name)) return name
  }
}
