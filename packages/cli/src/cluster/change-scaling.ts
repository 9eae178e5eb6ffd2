import { ASYNC_ACTORS, type KubeObject } from '@asya/operator/kube'
import { UsageError } from '../errors.ts'
import { formatChanges } from '../view/deploy-text.ts'
import { createPaint } from '../view/paint.ts'
import { compareObjects } from './compare-objects.ts'
import { withCluster, type Cluster, type ClusterOptions } from './connect.ts'
import { findManagers, PAUSER, readOwners, SCALER } from './field-owners.ts'
import { pick, pickNumber, type Fields } from '@asya/operator/fields'
import { findActor } from './find-actor.ts'
import { assertScaleRequest, makeScaling, type ScaleRequest } from './scaling-change.ts'

/** `asya scale`: through the resource, as a field manager of its own. */
export async function scaleActor(
  name: string,
  request: ScaleRequest,
  options: ClusterOptions,
): Promise<void> {
  assertScaleRequest(request)
  await withCluster(options, async (cluster) => {
    const actor = await findActor(name, cluster)
    const spec = makeScaling(actor, request)
    const after = await applySpec(actor, { spec, manager: SCALER, cluster })
    tellChanges(actor, { after, manager: SCALER, none: 'it is so already' })
    if (pick(after, 'spec', 'scaling', 'paused') === true && request.replicas === undefined)
      tell(`its scaling is paused, so this counts after: asya resume ${name}`)
    tell('asya deploy keeps this; asya deploy --override takes it back')
  })
}

/** `asya pause`: KEDA leaves the replicas as they are. */
export async function pauseActors(
  names: readonly string[],
  options: ClusterOptions,
): Promise<void> {
  await withCluster(options, async (cluster) => {
    for (const actor of await findAll(names, cluster)) {
      const { name } = actor.metadata
      assertScales(actor)
      const spec = { scaling: { paused: true } }
      const after = await applySpec(actor, { spec, manager: PAUSER, cluster })
      const replicas = pickNumber(actor, 'status', 'replicas')
      const now = replicas === undefined ? '' : ` (${replicas} now)`
      tellChanges(actor, { after, manager: PAUSER, none: 'it is paused already' })
      tell(
        `its replicas stay as they are${now}, through any asya deploy, until: asya resume ${name}`,
      )
    }
  })
}

/** `asya resume`: gives up what `asya pause` set; what somebody else has paused is set to false. */
export async function resumeActors(
  names: readonly string[],
  options: ClusterOptions,
): Promise<void> {
  await withCluster(options, async (cluster) => {
    for (const actor of await findAll(names, cluster)) {
      const others = findManagers(readOwners(actor), PAUSED).filter((by) => by !== PAUSER)
      const isOthers = others.length > 0
      // Not an empty spec: that would be ours still.
      const spec = isOthers ? { scaling: { paused: false } } : undefined
      const after = await applySpec(actor, { spec, manager: PAUSER, cluster })
      tellChanges(actor, { after, manager: PAUSER, none: 'it is not paused' })
    }
  })
}

const PAUSED = ['spec', 'scaling', 'paused']

async function findAll(names: readonly string[], cluster: Cluster): Promise<readonly KubeObject[]> {
  // All of them before any is changed: one that is misspelled changes nothing.
  return Promise.all(names.map((name) => findActor(name, cluster)))
}

function assertScales(actor: KubeObject): void {
  if (pick(actor, 'spec', 'scaling', 'enabled') !== false) return
  const { name } = actor.metadata
  throw new UsageError(
    `${name} does not scale, so there is nothing to pause: asya scale ${name} --replicas 0 stops it`,
  )
}

interface SpecChange {
  /** Undefined: what the manager had set is given up. */
  readonly spec: Fields | undefined
  readonly manager: string
  readonly cluster: Cluster
}

function applySpec(
  { apiVersion, kind, metadata: { namespace = '', name, uid = '' } }: KubeObject,
  { spec, manager, cluster }: SpecChange,
): Promise<KubeObject> {
  // With its uid: an actor that was made anew meanwhile is another one.
  const object = { apiVersion, kind, metadata: { namespace, name, uid }, ...(spec && { spec }) }
  return cluster.client.apply(ASYNC_ACTORS, object, { manager })
}

interface Told {
  readonly after: KubeObject
  readonly manager: string
  /** Where nothing changed. */
  readonly none: string
}

function tellChanges(before: KubeObject, { after, manager, none }: Told): void {
  const paint = createPaint(process.stdout)
  const owners = readOwners(before)
  const changes = compareObjects(before, after).map((change) => ({
    ...change,
    managers: findManagers(owners, change.path).filter((by) => by !== manager),
  }))
  const { name, namespace = '' } = before.metadata
  const head = `${paint('green', '✓')} ${name}  ${paint('dim', `in ${namespace}`)}`
  const lines = changes.length === 0 ? [`    ${none}`] : formatChanges(changes, paint)
  process.stdout.write(`${[head, ...lines].join('\n')}\n`)
}

function tell(line: string): void {
  process.stdout.write(`    ${line}\n`)
}
