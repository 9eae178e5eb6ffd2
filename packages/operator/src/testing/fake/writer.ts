import { isDeepStrictEqual } from 'node:util'
import { isFields } from '../../kube/fields.ts'
import type { KubeObject, ObjectKey } from '../../kube/kube-object.ts'
import { readKey } from '../../kube/object-store.ts'
import type { Cluster } from './cluster.ts'
import { fillDefaults } from './defaults.ts'
import { findUntyped } from './find-untyped.ts'
import type { Kind } from './kinds.ts'
import {
  applyConfig,
  dropManaged,
  isNoChange,
  updateManaged,
  type Author,
} from './managed-fields.ts'
import { mergePatch } from './merge-patch.ts'
import { omit } from './omit.ts'
import { pruneUnknown } from './prune-unknown.ts'
import * as status from './status.ts'
import { findUnreadableTime, validate, validateMetadata } from './validate.ts'

/** A write, as its URL and headers have it. */
export interface Writing {
  readonly kind: Kind
  readonly namespace: string
  readonly manager: string
  readonly subresource: 'status' | undefined
  readonly isDryRun: boolean
  readonly isForced: boolean
  readonly isStrict: boolean
}

export interface Written {
  readonly isNew: boolean
  readonly object: KubeObject
}

export type Patch =
  | { readonly type: 'apply'; readonly body: KubeObject }
  | { readonly type: 'merge' | 'strategic'; readonly body: unknown }

/** What the API server does with what it is sent. Throws StatusErrors. */
export class Writer {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  create(writing: Writing, body: KubeObject): Written {
    const { kind, namespace } = writing
    const object = this.#readCustom(writing, name(place(body, writing)))
    if (this.#cluster.get(kind, readKey(object)) !== undefined)
      throw status.alreadyExists(kind, object.metadata.name)
    if (kind.resource.isNamespaced && !this.#cluster.hasNamespace(namespace))
      throw new status.StatusError(404, 'NotFound', `namespaces "${namespace}" not found`)
    const next = this.#prepare(writing, { old: undefined, next: object })
    return this.#keep(writing, undefined, updateManaged(undefined, next, author(writing)))
  }

  replace(writing: Writing, key: ObjectKey, body: KubeObject): Written {
    const { kind } = writing
    const old = this.#cluster.get(kind, key)
    if (old === undefined) {
      // These are made by a PUT too.
      if (['Lease', 'Event'].includes(kind.resource.kind)) return this.create(writing, body)
      throw status.notFound(kind, key.name)
    }
    const { resourceVersion, uid } = body.metadata
    const needsVersion = kind.custom !== undefined || kind.resource.kind === 'Lease'
    if (resourceVersion === undefined && needsVersion)
      throw status.invalid(kind, key.name, [
        'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      ])
    this.#checkVersion(writing, old, body)
    if (uid !== undefined && uid !== old.metadata.uid)
      throw status.conflict(kind, key.name, describeUid(uid, old))
    const next = this.#prepare(writing, { old, next: place(body, writing) })
    return this.#keep(writing, old, updateManaged(old, next, author(writing)))
  }

  patch(writing: Writing, key: ObjectKey, patch: Patch): Written {
    const old = this.#cluster.get(writing.kind, key)
    if (patch.type === 'apply') return this.#apply(writing, key, { old, config: patch.body })
    if (old === undefined) throw status.notFound(writing.kind, key.name)
    const shape = patch.type === 'strategic' ? writing.kind.shape : undefined
    const patched = mergePatch(dropManaged(old), patch.body, shape) as KubeObject
    this.#checkVersion(writing, old, patched)
    const next = this.#prepare(writing, { old, next: patched })
    return this.#keep(writing, old, updateManaged(old, next, author(writing)))
  }

  /** What is left of the object: undefined when it is gone. */
  remove(writing: Writing, key: ObjectKey, options: DeleteOptions): KubeObject | undefined {
    const { kind, isDryRun } = writing
    const old = this.#cluster.get(kind, key)
    if (old === undefined) throw status.notFound(kind, key.name)
    const { uid, resourceVersion } = options.preconditions ?? {}
    if (uid !== undefined && uid !== old.metadata.uid)
      throw status.conflict(kind, key.name, describeUid(uid, old))
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion)
      throw status.conflict(
        kind,
        key.name,
        `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${old.metadata.resourceVersion ?? ''}`,
      )
    const finalizers = listFinalizers(old, options.propagationPolicy)
    if (isDryRun) return undefined
    if (finalizers.length === 0) {
      this.#cluster.drop(kind, old)
      return undefined
    }
    if (
      old.metadata.deletionTimestamp !== undefined &&
      isDeepStrictEqual(finalizers, old.metadata['finalizers'])
    )
      return old
    const metadata = {
      deletionTimestamp: now(),
      deletionGracePeriodSeconds: 0,
      ...old.metadata,
      finalizers,
      ...(kind.hasGeneration && { generation: (old.metadata.generation ?? 0) + 1 }),
    }
    return this.#cluster.put(kind, { ...old, metadata })
  }

  #apply(
    writing: Writing,
    key: ObjectKey,
    { old, config }: { readonly old: KubeObject | undefined; readonly config: KubeObject },
  ): Written {
    const { kind, isForced, subresource } = writing
    if (config.metadata['managedFields'] !== undefined)
      throw status.badRequest('metadata.managedFields must be nil')
    if (old === undefined && subresource !== undefined) throw status.notFound(kind, key.name)
    const placed = place(config, writing)
    if (old !== undefined) this.#checkVersion(writing, old, placed)
    if (
      old === undefined &&
      kind.resource.isNamespaced &&
      !this.#cluster.hasNamespace(key.namespace)
    )
      throw new status.StatusError(404, 'NotFound', `namespaces "${key.namespace}" not found`)
    const untyped = findUntyped(placed, kind)
    if (untyped !== undefined)
      throw new status.StatusError(
        500,
        '',
        `failed to create typed patch object (${key.namespace}/${key.name}; ${kind.resource.apiVersion}, Kind=${kind.resource.kind}): ${untyped}`,
      )
    const applied = applyConfig(old, placed, { author: author(writing), isForced })
    if (applied.type === 'conflicts') throw describeConflicts(applied.with)
    const { managedFields } = applied.object.metadata
    const next = this.#prepare(writing, { old, next: dropManaged(applied.object) })
    const metadata = managedFields === undefined ? {} : { managedFields }
    return this.#keep(writing, old, { ...next, metadata: { ...next.metadata, ...metadata } })
  }

  #checkVersion({ kind }: Writing, old: KubeObject, next: KubeObject): void {
    const { resourceVersion } = next.metadata
    if (resourceVersion === undefined || resourceVersion === old.metadata.resourceVersion) return
    const why =
      'the object has been modified; please apply your changes to the latest version and try again'
    throw status.conflict(kind, old.metadata.name, why)
  }

  /** Unknown fields of a custom resource are refused, or taken away. */
  #readCustom({ kind, isStrict }: Writing, object: KubeObject): KubeObject {
    if (kind.custom === undefined) return object
    const { value, unknown } = pruneUnknown(kind.custom.schema, object)
    if (isStrict && unknown.length > 0) {
      const fields = unknown.map((path) => `unknown field "${path}"`).join(', ')
      throw status.badRequest(
        `${kind.resource.kind} in version "${version(kind)}" cannot be handled as a ${kind.resource.kind}: strict decoding error: ${fields}`,
      )
    }
    return value as KubeObject
  }

  /** What is to be kept, but for managedFields: with defaults, and valid. */
  #prepare(writing: Writing, { old, next }: Pending): KubeObject {
    const { kind } = writing
    const time = findUnreadableTime(kind.resource.kind, next)
    if (time !== undefined)
      throw status.badRequest(
        `${kind.resource.kind} in version "${version(kind)}" cannot be handled as a ${kind.resource.kind}: parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse`,
      )
    const known = this.#readCustom(writing, next)
    const parted = partStatus(writing, { old, next: known })
    const identified = identify(kind, { old, next: parted })
    const filled =
      kind.custom === undefined
        ? (fillDefaults(kind.resource.kind, identified) as KubeObject)
        : identified
    const completed = kind.resource.kind === 'Job' ? completeJob(filled, old) : filled
    // Fills in the defaults of a custom resource too.
    const problems = this.#validate(kind, { old, next: completed })
    if (problems.length > 0) throw status.invalid(kind, next.metadata.name, problems)
    return countGeneration(kind, { old, next: completed })
  }

  #validate(kind: Kind, { old, next }: Pending): readonly string[] {
    const problems = validateMetadata(next.metadata)
    if (kind.custom === undefined) return [...problems, ...validate(kind.resource.kind, next, old)]
    return [...problems, ...kind.custom.check.find(next, old)]
  }

  #keep(writing: Writing, old: KubeObject | undefined, next: KubeObject): Written {
    const { kind, isDryRun } = writing
    const isNew = old === undefined
    if (old !== undefined && isNoChange(old, next)) return { isNew, object: old }
    if (isDryRun) return { isNew, object: next }
    const isEnding = next.metadata.deletionTimestamp !== undefined
    const finalizers = (next.metadata['finalizers'] ?? []) as readonly string[]
    if (isEnding && finalizers.length === 0) {
      this.#cluster.drop(kind, next)
      return { isNew, object: next }
    }
    return { isNew, object: this.#cluster.put(kind, next) }
  }
}

interface Pending {
  readonly old: KubeObject | undefined
  readonly next: KubeObject
}

export interface DeleteOptions {
  readonly propagationPolicy?: string
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}

function version({ resource }: Kind): string {
  return resource.apiVersion.split('/').at(-1) ?? ''
}

function author({ kind, manager, subresource }: Writing): Author {
  const isMember = (member: string): boolean =>
    subresource === 'status' ? member === 'status' : !kind.hasStatus || member !== 'status'
  return { manager, subresource, now: now(), shape: kind.shape, isMember }
}

/** It is what its URL says, whatever it says itself. */
function place(body: KubeObject, { kind, namespace }: Writing): KubeObject {
  const { apiVersion, kind: name, isNamespaced } = kind.resource
  const metadata = { ...body.metadata, ...(isNamespaced && { namespace }) }
  return { ...body, apiVersion, kind: name, metadata }
}

function name(object: KubeObject): KubeObject {
  const { generateName, ...metadata } = object.metadata
  const isNamed = Object.hasOwn(metadata, 'name')
  if (typeof generateName !== 'string' || isNamed) return object
  const suffix = crypto.randomUUID().slice(-5)
  return { ...object, metadata: { ...metadata, name: generateName + suffix, generateName } }
}

/** What is not this request's to write stays as it was. */
function partStatus({ kind, subresource }: Writing, { old, next }: Pending): KubeObject {
  if (!kind.hasStatus) return next
  if (subresource === 'status')
    return { ...(old === undefined ? next : dropManaged(old)), status: next['status'] }
  const kept = old?.['status']
  const { apiVersion, kind: name, metadata } = next
  const rest = { ...omit(next, 'status'), apiVersion, kind: name, metadata }
  return kept === undefined ? rest : { ...rest, status: kept }
}

function identify(kind: Kind, { old, next }: Pending): KubeObject {
  const { uid = crypto.randomUUID(), creationTimestamp = now() } = old?.metadata ?? {}
  const deletionTimestamp = old?.metadata.deletionTimestamp
  const metadata = {
    ...omit(next.metadata, 'resourceVersion', 'generation'),
    name: next.metadata.name,
    uid,
    creationTimestamp,
    ...(deletionTimestamp !== undefined && { deletionTimestamp, deletionGracePeriodSeconds: 0 }),
  }
  return { ...next, metadata }
}

function countGeneration(kind: Kind, { old, next }: Pending): KubeObject {
  const { resourceVersion, generation = 0 } = old?.metadata ?? {}
  const isChanged =
    old === undefined || !isDeepStrictEqual(pickSpec(kind, old), pickSpec(kind, next))
  const metadata = {
    ...next.metadata,
    ...(kind.hasGeneration && { generation: isChanged ? generation + 1 : generation }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  }
  return { ...next, metadata }
}

function pickSpec({ hasStatus }: Kind, object: KubeObject): unknown {
  const kept = Object.entries(object).filter(
    ([member]) => member !== 'metadata' && !(hasStatus && member === 'status'),
  )
  return Object.fromEntries(kept)
}

/** The API server chooses the selector of a Job, and labels its pods by it. */
function completeJob(job: KubeObject, old: KubeObject | undefined): KubeObject {
  const { spec } = job
  if (!isFields(spec) || old !== undefined) return job
  const { template } = spec
  if (spec['manualSelector'] === true || !isFields(template)) return job
  const { uid = '', name: jobName } = job.metadata
  const byUid = { 'batch.kubernetes.io/controller-uid': uid }
  const metadata = isFields(template['metadata']) ? template['metadata'] : {}
  const labels = {
    ...(isFields(metadata['labels']) ? metadata['labels'] : {}),
    ...byUid,
    'batch.kubernetes.io/job-name': jobName,
    'controller-uid': uid,
    'job-name': jobName,
  }
  return {
    ...job,
    spec: {
      ...spec,
      selector: { matchLabels: byUid },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  }
}

const POLICY_FINALIZERS: Readonly<Record<string, string>> = {
  Foreground: 'foregroundDeletion',
  Orphan: 'orphan',
}

function listFinalizers(object: KubeObject, policy: string | undefined): readonly string[] {
  const own = (object.metadata['finalizers'] ?? []) as readonly string[]
  const added = policy === undefined ? undefined : POLICY_FINALIZERS[policy]
  return added === undefined || own.includes(added) ? own : [...own, added]
}

function describeUid(uid: string, { metadata }: KubeObject): string {
  return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid ?? ''}`
}

function describeConflicts(
  conflicts: readonly { readonly manager: string; readonly fields: readonly string[] }[],
): status.StatusError {
  const count = conflicts.reduce((sum, { fields }) => sum + fields.length, 0)
  const says = conflicts.map(({ manager, fields }) =>
    fields.length === 1
      ? `conflict with ${manager}: ${fields[0] ?? ''}`
      : `conflicts with ${manager}:\n${fields.map((field) => `- ${field}`).join('\n')}`,
  )
  const noun = count === 1 ? '1 conflict' : `${count} conflicts`
  return new status.StatusError(409, 'Conflict', `Apply failed with ${noun}: ${says.join('\n')}`)
}
