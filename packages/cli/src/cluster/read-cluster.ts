import {
  ASYNC_ACTORS,
  DEPLOYMENTS,
  JOBS,
  KubeError,
  SCALED_JOBS,
  SCALED_OBJECTS,
  STATEFUL_SETS,
  type KubeClient,
  type KubeObject,
  type ListOptions,
  type Resource,
} from '@asya/operator/kube'

/** What there is of some actors; what may not be read, or is of a kind that is missing, is left out. */
export interface ClusterView {
  readonly actors: readonly KubeObject[]
  readonly workloads: readonly KubeObject[]
  /** ScaledObjects and ScaledJobs. */
  readonly scalers: readonly KubeObject[]
  readonly autoscalers: readonly KubeObject[]
  /** Kinds that the person at the terminal may not read. */
  readonly forbidden: readonly string[]
}

const AUTOSCALERS: Resource = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  isNamespaced: true,
}

/** Of one namespace, or of all. */
export async function readCluster(
  client: KubeClient,
  namespace: string | undefined,
): Promise<ClusterView> {
  const forbidden: string[] = []
  const read = async (resource: Resource, labelSelector?: string) => {
    const found = await listReadable(client, resource, { namespace, labelSelector })
    if (found === undefined) forbidden.push(resource.kind)
    return found ?? []
  }
  const [actors, workloads, scalers, autoscalers] = await Promise.all([
    listAll(client, ASYNC_ACTORS, { namespace }),
    Promise.all([DEPLOYMENTS, STATEFUL_SETS, JOBS].map((kind) => read(kind, MANAGED))),
    Promise.all([SCALED_OBJECTS, SCALED_JOBS].map((kind) => read(kind, MANAGED))),
    read(AUTOSCALERS),
  ])
  return { actors, workloads: workloads.flat(), scalers: scalers.flat(), autoscalers, forbidden }
}

const MANAGED = 'app.kubernetes.io/managed-by=asya-operator'

/** Empty where there is no such kind; undefined where it may not be read. */
export async function listReadable(
  client: KubeClient,
  resource: Resource,
  options: ListOptions,
): Promise<readonly KubeObject[] | undefined> {
  try {
    return await listAll(client, resource, options)
  } catch (error) {
    if (error instanceof KubeError && error.code === 'not_found') return []
    if (error instanceof KubeError && error.code === 'forbidden') return undefined
    throw error
  }
}

const PAGE = 500

async function listAll(
  client: KubeClient,
  resource: Resource,
  options: ListOptions,
): Promise<readonly KubeObject[]> {
  const all: KubeObject[] = []
  let continueToken: string | undefined
  do {
    const page = await client.list(resource, { ...options, limit: PAGE, continueToken })
    all.push(...page.items)
    continueToken = page.continueToken
  } while (continueToken !== undefined)
  return all
}
