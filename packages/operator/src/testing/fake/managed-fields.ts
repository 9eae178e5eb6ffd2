import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../kube/kube-object.ts'
import {
  describeFields,
  intersect,
  isEmptySet,
  keepExisting,
  listChanges,
  listFields,
  subtract,
  unite,
  type FieldSet,
} from './field-set.ts'
import { merge, prune } from './merge.ts'
import type { Shape } from './shape.ts'

/** One entry of `metadata.managedFields`. */
interface ManagedEntry {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly time: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: FieldSet
  readonly subresource?: string
}

/** Who writes, and what. */
export interface Author {
  readonly manager: string
  readonly subresource: string | undefined
  readonly now: string
  readonly shape: Shape
  /** Top members that this request may not set: `status`, or all but it. */
  readonly isMember: (name: string) => boolean
}

export type Applied =
  | { readonly type: 'applied'; readonly object: KubeObject }
  | { readonly type: 'conflicts'; readonly with: readonly Conflict[] }

interface Conflict {
  readonly manager: string
  readonly fields: readonly string[]
}

function readManaged(object: KubeObject | undefined): readonly ManagedEntry[] {
  return (object?.metadata['managedFields'] ?? []) as readonly ManagedEntry[]
}

/**
 * Server-side apply: the fields of `config` become the manager's; those that it had, and does not
 * apply any more, go unless somebody else has them; with `force`, others lose what changes.
 */
export function applyConfig(
  live: KubeObject | undefined,
  config: KubeObject,
  { author, isForced }: { readonly author: Author; readonly isForced: boolean },
): Applied {
  const { shape } = author
  const entries = readManaged(live)
  const own = entries.find((entry) => isOwn(entry, author, 'Apply'))
  const others = entries.filter((entry) => entry !== own)
  const fields = listOwnable(config, author)
  const base: KubeObject = live ?? {
    apiVersion: config.apiVersion,
    kind: config.kind,
    metadata: { name: config.metadata.name },
  }
  // The API server reads no more of it than what may be applied.
  const merged = merge(dropManaged(base), pickOwnable(config, author), shape) as KubeObject
  const changed = intersect(fields, listChanges(live ?? {}, merged, shape))
  const conflicts = others.flatMap((entry) => {
    const contested = intersect(entry.fieldsV1, changed)
    return isEmptySet(contested)
      ? []
      : [{ manager: describeManager(entry), fields: describeFields(contested) }]
  })
  if (conflicts.length > 0 && !isForced) return { type: 'conflicts', with: conflicts }
  const left = others
    .map((entry) => ({ ...entry, fieldsV1: subtract(entry.fieldsV1, changed) }))
    .filter(({ fieldsV1 }) => !isEmptySet(fieldsV1))
  const theirs = left.map(({ fieldsV1 }) => fieldsV1).reduce(unite, {})
  // With what nobody has: an object is not without its metadata.
  const after = listFields(pickOwnable(config, author), shape)
  const sets = { before: own?.fieldsV1 ?? {}, after, others: theirs }
  const object = prune(merged, sets, shape) as KubeObject
  const entry = makeEntry(object, { author, operation: 'Apply', fields })
  return { type: 'applied', object: withManaged(object, keepOrder(entries, left, entry)) }
}

/** A write of any other kind: what changes becomes the writer's, and what goes is nobody's any more. */
export function updateManaged(
  live: KubeObject | undefined,
  object: KubeObject,
  author: Author,
): KubeObject {
  const { shape } = author
  const entries = readManaged(live)
  const bare = dropManaged(object)
  const changed = pickSet(listChanges(pickOwnable(live, author), pickOwnable(bare, author), shape))
  const left = entries
    .map((entry) => {
      const isKept = isOwn(entry, author, 'Update')
      const kept = isKept ? entry.fieldsV1 : subtract(entry.fieldsV1, changed)
      return { ...entry, fieldsV1: keepExisting(kept, bare, shape) }
    })
    .filter(({ fieldsV1 }) => !isEmptySet(fieldsV1))
  if (isEmptySet(changed)) return withManaged(bare, left)
  const own = left.find((entry) => isOwn(entry, author, 'Update'))
  const fields = unite(own?.fieldsV1 ?? {}, changed)
  const entry = makeEntry(bare, { author, operation: 'Update', fields })
  return withManaged(
    bare,
    keepOrder(
      entries,
      left.filter((each) => each !== own),
      entry,
    ),
  )
}

/** Whether a write changes nothing: then it is none. */
export function isNoChange(before: KubeObject, after: KubeObject): boolean {
  const withoutTimes = (object: KubeObject): unknown => ({
    ...dropManaged(object),
    managed: readManaged(object).map((entry) => ({ ...entry, time: '' })),
  })
  return isDeepStrictEqual(withoutTimes(before), withoutTimes(after))
}

export function dropManaged(object: KubeObject): KubeObject {
  const metadata = Object.entries(object.metadata).filter(([name]) => name !== 'managedFields')
  return { ...object, metadata: Object.fromEntries(metadata) as KubeObject['metadata'] }
}

function withManaged(object: KubeObject, managedFields: readonly ManagedEntry[]): KubeObject {
  const { metadata } = dropManaged(object)
  return {
    ...object,
    metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields },
  }
}

function isOwn(entry: ManagedEntry, author: Author, operation: 'Apply' | 'Update'): boolean {
  return (
    entry.manager === author.manager &&
    entry.operation === operation &&
    entry.subresource === author.subresource
  )
}

interface Making {
  readonly author: Author
  readonly operation: 'Apply' | 'Update'
  readonly fields: FieldSet
}

function makeEntry(object: KubeObject, making: Making): ManagedEntry | undefined {
  const { author, operation, fields } = making
  if (isEmptySet(fields)) return undefined
  return {
    manager: author.manager,
    operation,
    apiVersion: object.apiVersion,
    time: author.now,
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(author.subresource !== undefined && { subresource: author.subresource }),
  }
}

/** An entry keeps its place; a new one comes last. */
function keepOrder(
  before: readonly ManagedEntry[],
  left: readonly ManagedEntry[],
  entry: ManagedEntry | undefined,
): readonly ManagedEntry[] {
  if (entry === undefined) return left
  const same = before.find(
    (each) =>
      each.manager === entry.manager &&
      each.operation === entry.operation &&
      each.subresource === entry.subresource,
  )
  if (same === undefined) return [...left, entry]
  const isUnchanged = isDeepStrictEqual(same.fieldsV1, entry.fieldsV1)
  const position = before
    .slice(0, before.indexOf(same))
    .filter((each) =>
      left.some((kept) => isDeepStrictEqual({ ...kept, fieldsV1: 0 }, { ...each, fieldsV1: 0 })),
    ).length
  return left.toSpliced(position, 0, isUnchanged ? same : entry)
}

/** Nobody has these: they say which object it is, or are the API server's. */
const NOT_OWNABLE = new Set([
  'f:name',
  'f:namespace',
  'f:creationTimestamp',
  'f:selfLink',
  'f:uid',
  'f:generation',
  'f:managedFields',
  'f:resourceVersion',
  'f:deletionTimestamp',
  'f:deletionGracePeriodSeconds',
])

function listOwnable(object: KubeObject, author: Author): FieldSet {
  return pickSet(listFields(pickOwnable(object, author), author.shape))
}

function pickSet(set: FieldSet): FieldSet {
  return Object.fromEntries(
    Object.entries(set).flatMap(([name, below]): readonly (readonly [string, FieldSet])[] => {
      if (name !== 'f:metadata') return [[name, below]]
      const metadata = Object.fromEntries(
        Object.entries(below).filter(([member]) => !NOT_OWNABLE.has(member)),
      )
      return isEmptySet(metadata) ? [] : [[name, metadata]]
    }),
  )
}

/** The members that this request may set. */
function pickOwnable(object: KubeObject | undefined, author: Author): object {
  return Object.fromEntries(
    Object.entries(object ?? {}).filter(
      ([name]) => name !== 'apiVersion' && name !== 'kind' && author.isMember(name),
    ),
  )
}

function describeManager({ manager, subresource }: ManagedEntry): string {
  return subresource === undefined
    ? `"${manager}"`
    : `"${manager}" with subresource "${subresource}"`
}
