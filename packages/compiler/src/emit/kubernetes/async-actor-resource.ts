import {
  ASYNC_ACTOR_API_VERSION,
  writeDuration,
  type AsyncActor,
  type AsyncActorSpec,
  type PartialRetryPolicy,
} from '@asya/protocol'
import type { ActorModel } from '../../model/model.ts'
import type {
  BrokerSettings,
  ProjectSettings,
  ScalingSettings,
  SidecarSettings,
} from '../../model/settings.ts'
import { makeEnv, makePodTemplate, makeResources } from './pod-template.ts'

/**
 * The resource of an actor: the shortest that says what its author said. Everything else is left to
 * the defaults of the resource, and they to the operator.
 */
export function makeAsyncActor(actor: ActorModel, project: ProjectSettings): AsyncActor {
  const { namespace } = project
  return {
    apiVersion: ASYNC_ACTOR_API_VERSION,
    kind: 'AsyncActor',
    metadata: { name: actor.name, ...(namespace !== undefined && { namespace }) },
    spec: makeSpec(actor, project),
  }
}

function makeSpec(actor: ActorModel, project: ProjectSettings): AsyncActorSpec {
  const { timeoutMs, gracefulShutdownMs, socket, concurrency, retry, workload } = actor.settings
  const decides = whoDecides(actor)
  const isDeployment = workload?.type === undefined || workload.type === 'Deployment'
  const members: AsyncActorSpec = {
    queueName: actor.queue,
    transport: project.broker && makeTransport(project.broker),
    sidecar: makeSidecar(actor.settings.sidecar ?? {}),
    socket: omitEmpty({ path: socket?.path, maxSize: socket?.maxSize }),
    timeout: omitEmpty({
      processing: toSeconds(timeoutMs),
      gracefulShutdown: toSeconds(gracefulShutdownMs),
    }),
    concurrency,
    retry: retry && makeRetry(retry),
    scaling:
      decides === 'replicas' ? { enabled: false } : makeScaling(actor.settings.scaling ?? {}),
    workload: {
      ...(isDeployment ? {} : { type: workload.type }),
      ...(decides === 'replicas' ? { replicas: workload?.replicas } : {}),
      template: makePodTemplate(actor, project),
    },
  }
  return omitEmpty(members)
}

/**
 * Either its queue or its author says how many replicas an actor has. Where the project says one and
 * the actor the other, the actor is right.
 */
function whoDecides({ settings, origins = {} }: ActorModel): 'queue' | 'replicas' {
  if (settings.workload?.replicas === undefined) return 'queue'
  const isScalingOwn = Object.entries(origins).some(
    ([path, { from }]) => path.startsWith('scaling.') && from === 'options',
  )
  const isReplicasOwn = origins['workload.replicas']?.from === 'options'
  return isScalingOwn && !isReplicasOwn ? 'queue' : 'replicas'
}

function makeTransport(broker: BrokerSettings): AsyncActorSpec['transport'] {
  const { host, port, vhost, exchange, tls, username, passwordSecret, management } = broker
  const secret = passwordSecret && { name: passwordSecret.name, key: passwordSecret.key }
  const rabbitmq = {
    host,
    port,
    vhost,
    exchange,
    tls,
    username,
    passwordSecretRef: secret,
    management: management && { port: management.port, scheme: management.scheme },
  }
  return { rabbitmq: omitEmpty(rabbitmq) }
}

function makeSidecar(sidecar: SidecarSettings): AsyncActorSpec['sidecar'] {
  const { image, imagePullPolicy, mode, resources, env } = sidecar
  return omitEmpty({
    image,
    imagePullPolicy,
    ...makeResources(resources ?? {}),
    env: makeEnv(env ?? {}),
    mode,
  })
}

function makeRetry(retry: PartialRetryPolicy): AsyncActorSpec['retry'] {
  return omitEmpty({
    maxAttempts: retry.maxAttempts,
    initialDelay: toDuration(retry.initialDelayMs),
    maxDelay: toDuration(retry.maxDelayMs),
    factor: retry.backoff,
    retryCodes: retry.retryCodes,
    fatalCodes: retry.fatalCodes,
  })
}

function makeScaling(scaling: ScalingSettings): AsyncActorSpec['scaling'] {
  const { pollingIntervalMs, cooldownPeriodMs, fallback, authenticationRef } = scaling
  return omitEmpty({
    minReplicas: scaling.min,
    maxReplicas: scaling.max,
    pollingInterval: toSeconds(pollingIntervalMs),
    cooldownPeriod: toSeconds(cooldownPeriodMs),
    queueLength: scaling.queueLength,
    paused: scaling.paused,
    protocol: scaling.protocol,
    fallback: fallback && {
      replicas: fallback.replicas,
      failureThreshold: fallback.failureThreshold,
      behavior: fallback.behavior,
    },
    authenticationRef: authenticationRef && {
      name: authenticationRef.name,
      kind: authenticationRef.kind,
    },
  })
}

/** Of the longest duration there is (2^31 - 1 ms), the whole seconds. */
const MAX_SECONDS = 2_147_483

/** Rounded up: Kubernetes and KEDA count whole seconds, and nothing may end early. */
function toSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.min(Math.ceil(ms / 1_000), MAX_SECONDS)
}

function toDuration(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : writeDuration(ms)
}

/** Without what is undefined or holds nothing. */
function omitEmpty<T extends object>(members: T): T {
  const kept = Object.entries(members).filter(([, value]) => !isEmpty(value))
  // fromEntries forgets which members there are; none that is required is ever empty.
  return Object.fromEntries(kept) as T
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined
  return Object.keys(value).length === 0
}
