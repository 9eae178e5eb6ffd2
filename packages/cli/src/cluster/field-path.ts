/** Where a field lies: names of members, and items as `[name]`, `[key=value]`, `[0]`. */
export type FieldPath = readonly string[]

/** As people read it: `spec.workload.template.spec.containers[runtime].image`. */
export function showPath(path: FieldPath): string {
  return path.reduce((shown, segment) => {
    if (segment.startsWith('[')) return shown + segment
    if (!/^[A-Za-z_][\w-]*$/.test(segment)) return `${shown}[${JSON.stringify(segment)}]`
    return shown === '' ? segment : `${shown}.${segment}`
  }, '')
}

export function isBelow(path: FieldPath, prefix: FieldPath): boolean {
  return prefix.every((segment, index) => path[index] === segment)
}
