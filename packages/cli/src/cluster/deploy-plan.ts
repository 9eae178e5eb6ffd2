import { isDeepStrictEqual } from 'node:util'
import { ASYNC_ACTORS, KubeError, type KubeClient, type KubeObject } from '@asya/operator/kube'
import { compareObjects, type FieldChange } from './compare-objects.ts'
import {
  DEPLOYER,
  findManagers,
  PAUSER,
  readOwners,
  SCALER,
  type OwnedField,
} from './field-owners.ts'
import type { FieldPath } from './field-path.ts'
import { isFields, pick, pickItems, type Fields } from '@asya/operator/fields'
import { PROJECT_LABEL } from './resource-files.ts'

/** What a deploy would do, as the API server itself says: nothing is changed by asking. */
export interface DeployPlan {
  readonly actors: readonly PlannedActor[]
  /** Deployed before from this project, and not in it any more; sorted by name. */
  readonly stale: readonly StaleActor[]
  /** What the API server does not take; nothing can be applied then. */
  readonly refused: readonly { readonly name: string; readonly message: string }[]
}

export interface PlannedActor {
  readonly namespace: string
  readonly name: string
  /** `adopt`: nothing changes but that its fields become ours; they were made by somebody else. */
  readonly action: 'create' | 'change' | 'adopt' | 'none'
  /** What is applied. */
  readonly object: KubeObject
  readonly changes: readonly PlannedChange[]
  readonly kept: readonly KeptField[]
  /** Whether what `asya scale` has set is given up after that. */
  readonly isReleasing: boolean
}

export interface PlannedChange extends FieldChange {
  /** Others than us who set the field, and lose it. */
  readonly managers: readonly string[]
}

/** A field that stays as `asya scale` or `asya pause` has set it. */
export interface KeptField {
  readonly path: FieldPath
  readonly value: unknown
  /** What the build says; undefined where it says nothing. */
  readonly wanted: unknown
  readonly manager: string
}

interface StaleActor {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export interface PlanOptions {
  readonly client: KubeClient
  /** Takes back what `asya scale` has set. A pause stays: `asya resume` ends it. */
  readonly isOverriding: boolean
}

/** Each with its namespace. */
export async function planDeploy(
  wanted: readonly KubeObject[],
  options: PlanOptions,
): Promise<DeployPlan> {
  const actors: PlannedActor[] = []
  const refused: { name: string; message: string }[] = []
  for (const object of wanted) {
    try {
      actors.push(await planActor(object, options))
    } catch (error) {
      // What is wrong with one is told together with what is wrong with the others.
      if (!(error instanceof KubeError) || !REFUSALS.has(error.code)) throw error
      refused.push({ name: object.metadata.name, message: explainRefusal(error, object) })
    }
  }
  return { actors, refused, stale: await findStale(wanted, options.client) }
}

const REFUSALS: ReadonlySet<string> = new Set(['invalid', 'not_found', 'forbidden', 'conflict'])

function explainRefusal(error: KubeError, { metadata: { namespace = '' } }: KubeObject): string {
  if (error.code !== 'not_found') return error.message
  return `there is no namespace "${namespace}": kubectl create namespace ${namespace} makes it, --namespace names another`
}

async function planActor(
  wanted: KubeObject,
  { client, isOverriding }: PlanOptions,
): Promise<PlannedActor> {
  const { namespace = '', name } = wanted.metadata
  const live = await client.get(ASYNC_ACTORS, { namespace, name })
  const owners = live === undefined ? [] : readOwners(live)
  const isReleasing = isOverriding && owners.some(({ manager }) => manager === SCALER)
  const keepers = new Set(isOverriding ? [PAUSER] : [PAUSER, SCALER])
  const held = owners.filter(({ manager }) => keepers.has(manager))
  const kept = live === undefined ? [] : findKept(wanted, live, held)
  const object = kept.reduce<KubeObject>((rest, { path }) => without(rest, path), wanted)
  const applied = await client.apply(ASYNC_ACTORS, object, { manager: DEPLOYER, isDryRun: true })
  const after = isReleasing ? await release(applied, { owners, object, client }) : applied
  const changes = compareObjects(live ?? {}, after).map((change) => ({
    ...change,
    managers: findManagers(owners, change.path).filter((manager) => manager !== DEPLOYER),
  }))
  return {
    ...{ namespace, name, object, kept, isReleasing },
    changes: live === undefined ? [] : changes,
    action: judgeAction(live, applied, changes),
  }
}

/** What an actor is when `asya scale` gives up what it has set: it has nothing but its name. */
export function makeRelease({ apiVersion, kind, metadata: { namespace, name } }: KubeObject) {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } }
}

interface Releasing {
  readonly owners: readonly OwnedField[]
  readonly object: KubeObject
  readonly client: KubeClient
}

/** Asked apart, since one dry run cannot build on another: fields that the build leaves open fall back. */
async function release(
  applied: KubeObject,
  { owners, object, client }: Releasing,
): Promise<KubeObject> {
  const options = { manager: SCALER, isDryRun: true }
  const released = await client.apply(ASYNC_ACTORS, makeRelease(object), options)
  return owners
    .filter(({ manager, path }) => manager === SCALER && pick(object, ...path) === undefined)
    .reduce((rest, { path }) => replace(rest, path, pick(released, ...path)), applied)
}

function judgeAction(
  live: KubeObject | undefined,
  applied: KubeObject,
  changes: readonly PlannedChange[],
): PlannedActor['action'] {
  if (live === undefined) return 'create'
  if (changes.length > 0) return 'change'
  return isDeepStrictEqual(ownSet(live), ownSet(applied)) ? 'none' : 'adopt'
}

function ownSet(object: KubeObject): unknown {
  return pickItems(object, 'metadata', 'managedFields').find(isOurs)?.['fieldsV1']
}

/** Only those that differ from what the build says, or of which it says nothing. */
function findKept(
  wanted: KubeObject,
  live: KubeObject,
  owners: readonly OwnedField[],
): readonly KeptField[] {
  return (
    owners
      .map(({ path, manager }) => ({
        ...{ path, manager },
        value: pick(live, ...path),
        wanted: pick(wanted, ...path),
      }))
      // An object that is held says nothing of what is in it.
      .filter(({ value, wanted: built }) => !isFields(value) && !isDeepStrictEqual(value, built))
  )
}

function without<T extends Fields>(object: T, path: FieldPath): T {
  return replace(object, path, undefined)
}

/** With another value at a path; undefined takes the field away. */
function replace<T extends Fields>(object: T, [first, ...rest]: FieldPath, value: unknown): T {
  if (first === undefined) return object
  const { [first]: inner, ...others } = object as Fields
  const next = rest.length > 0 ? replace(isFields(inner) ? inner : {}, rest, value) : value
  const isEmpty = next === undefined || (inner === undefined && value === undefined)
  return { ...others, ...(!isEmpty && { [first]: next }) } as T
}

/** Those with a label of these projects, in the namespaces that are deployed to, which we made. */
async function findStale(
  wanted: readonly KubeObject[],
  client: KubeClient,
): Promise<readonly StaleActor[]> {
  const places = new Map<string, { namespace: string; project: string }>()
  for (const { metadata } of wanted) {
    const project = metadata.labels?.[PROJECT_LABEL]
    const { namespace = '' } = metadata
    if (project !== undefined) places.set(`${namespace}/${project}`, { namespace, project })
  }
  const isWanted = new Set(
    wanted.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`),
  )
  const found: StaleActor[] = []
  for (const { namespace, project } of places.values()) {
    const labelSelector = `${PROJECT_LABEL}=${project}`
    const { items } = await client.list(ASYNC_ACTORS, { namespace, labelSelector })
    for (const item of items) {
      const { name, uid = '' } = item.metadata
      const isMade = pickItems(item, 'metadata', 'managedFields').some(isOurs)
      if (isMade && !isWanted.has(`${namespace}/${name}`)) found.push({ namespace, name, uid })
    }
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1))
}

function isOurs(entry: Fields): boolean {
  return entry['manager'] === DEPLOYER && entry['operation'] === 'Apply'
}
