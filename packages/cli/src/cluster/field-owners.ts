import { isBelow, type FieldPath } from './field-path.ts'
import { isFields, pickItems, pickText, type Fields } from '@asya/operator/fields'

/** A field, and who set it, as `metadata.managedFields` has it. */
export interface OwnedField {
  readonly path: FieldPath
  readonly manager: string
}

/** Who applies what the build says. */
export const DEPLOYER = 'asya-cli'
/** Who applies what `asya scale` says. */
export const SCALER = 'asya-cli-scale'
/** Who applies what `asya pause` says. */
export const PAUSER = 'asya-cli-pause'

/** Every leaf that somebody has set, but those of the status. */
export function readOwners(object: object): readonly OwnedField[] {
  return pickItems(object, 'metadata', 'managedFields').flatMap((entry) => {
    const manager = pickText(entry, 'manager')
    if (pickText(entry, 'subresource') !== '') return []
    const set = entry['fieldsV1']
    return isFields(set) ? listLeaves(set, []).map((path) => ({ path, manager })) : []
  })
}

/** The managers of a field, or of what it is a part of or made of; sorted. */
export function findManagers(owners: readonly OwnedField[], path: FieldPath): readonly string[] {
  const found = owners.filter((owned) => isBelow(path, owned.path) || isBelow(owned.path, path))
  return [...new Set(found.map(({ manager }) => manager))].sort()
}

function listLeaves(set: Fields, path: FieldPath): readonly FieldPath[] {
  // `.` says that the thing itself is owned, beside what is in it.
  const inner = Object.entries(set).filter(([key]) => key !== '.')
  if (inner.length === 0) return [path]
  return inner.flatMap(([key, value]) =>
    isFields(value) ? listLeaves(value, [...path, toSegment(key)]) : [],
  )
}

/** `f:name`, `k:{"name":"runtime"}`, `v:"x"`, `i:0` */
function toSegment(key: string): string {
  const value = key.slice(2)
  if (key.startsWith('f:')) return value
  if (!key.startsWith('k:')) return `[${value}]`
  const keys = Object.entries(JSON.parse(value) as Fields)
  const [first] = keys
  if (keys.length === 1 && first?.[0] === 'name') return `[${String(first[1])}]`
  return `[${keys.map(([name, is]) => `${name}=${String(is)}`).join(',')}]`
}
