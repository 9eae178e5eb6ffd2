import {
  ASYNC_ACTORS,
  createKubeClient,
  KubeError,
  loadKubeConfig,
  type KubeClient,
} from '@asya/operator/kube'
import { CommandError, UsageError } from '../errors.ts'

/** Which cluster, and where in it, as the person at the terminal says. */
export interface ClusterOptions {
  /** Of the kubeconfig; its current one when left out. */
  readonly context?: string
  /** That of the context when left out. */
  readonly namespace?: string
}

export interface Cluster {
  readonly client: KubeClient
  /** The one that was named, else that of the context, else `default`. */
  readonly namespace: string
  /** For messages: the context, or its server where it has no name. */
  readonly name: string
}

/** How long a busy API server is waited for: somebody sits at the terminal. */
const PATIENCE_MS = 10_000
const TIMEOUT_MS = 15_000

const CLIENT = {
  userAgent: 'asya-cli/0.1.0',
  patienceMs: PATIENCE_MS,
  timeoutMs: TIMEOUT_MS,
}

/**
 * Does some work on a cluster, and leaves no connection behind.
 *
 * Throws a UsageError when no cluster can be chosen, and a CommandError when the cluster has no
 * AsyncActors, refuses, or does not answer.
 */
export async function withCluster<T>(
  options: ClusterOptions,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const cluster = open(options)
  try {
    await assertInstalled(cluster)
    return await work(cluster)
  } catch (error) {
    throw error instanceof KubeError ? new CommandError(explain(error, cluster)) : error
  } finally {
    cluster.client.close()
  }
}

function open({ context, namespace }: ClusterOptions): Cluster {
  try {
    const kubeConfig = loadKubeConfig(context)
    const chosen = kubeConfig.getCurrentContext()
    const own = kubeConfig.getContextObject(chosen)?.namespace
    return {
      client: createKubeClient(kubeConfig, CLIENT),
      namespace: namespace ?? (own || 'default'),
      name: chosen || (kubeConfig.getCurrentCluster()?.server ?? ''),
    }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function assertInstalled({ client, name }: Cluster): Promise<void> {
  const { apiVersion, kind } = ASYNC_ACTORS
  if (await client.hasKind(apiVersion, kind)) return
  throw new CommandError(
    `the cluster of context "${name}" has no AsyncActors (${apiVersion}): install Asya's operator, ` +
      'in a clone of Asya by deploy/install.sh minimal --registry REGISTRY (docs/install.md), or name ' +
      'another cluster by --context',
  )
}

function explain(error: KubeError, { name }: Cluster): string {
  if (error.code !== 'network') return error.message
  return `${error.message} — is the cluster of context "${name}" up, and is it the one you mean? --context names another`
}
