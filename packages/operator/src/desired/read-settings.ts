import {
  DEFAULT_MAX_FRAME_BYTES,
  parseDurationMs,
  type AsyncActor,
  type AsyncActorSpec,
  type PartialRetryPolicy,
  type PodTemplate,
} from '@asya/protocol'
import { findRuntimeContainer, isPythonContainer } from './python-actor.ts'
import type { Platform } from './platform.ts'

/** An actor as the API server keeps it. */
export type StoredActor = AsyncActor & {
  readonly metadata: {
    readonly namespace: string
    readonly uid: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly deletionTimestamp?: string
  }
}

type Spec<Name extends keyof AsyncActorSpec> = NonNullable<AsyncActorSpec[Name]>
type Rabbitmq = NonNullable<Spec<'transport'>['rabbitmq']>
type Scaling = Spec<'scaling'>
type Present<T> = { readonly [Name in keyof T]-?: NonNullable<T[Name]> }

/** What an actor should be, with nothing left open: its own words, then the platform's, then the defaults. */
export interface Settings {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly queue: string
  readonly concurrency: number
  readonly rabbitmq: Rabbitmq & { readonly host: string }
  readonly sidecar: {
    readonly image: string
    readonly imagePullPolicy: string
    readonly resources: NonNullable<Spec<'sidecar'>['resources']>
    readonly env: NonNullable<Spec<'sidecar'>['env']>
    readonly isNative: boolean
  }
  readonly socketPath: string
  readonly maxMessageBytes: number
  readonly processingS: number
  /** From the first hook of a pod to its end. */
  readonly graceS: number
  /** Of a job: how long without a message until its pods end. */
  readonly idleS: number | undefined
  readonly retry: PartialRetryPolicy
  readonly scaling: Present<Omit<Scaling, 'fallback' | 'authenticationRef'>> &
    Pick<Scaling, 'fallback' | 'authenticationRef'>
  readonly workload: {
    readonly type: NonNullable<Spec<'workload'>['type']>
    /** Undefined: as many as there are. */
    readonly replicas: number | undefined
    readonly isPython: boolean
    readonly template: PodTemplate
  }
}

/** Beyond the processing of a message: for what comes before and after it. */
const AROUND_PROCESSING_S = 15
/** Shorter, a pod would end before its first message is there. */
const MIN_IDLE_S = 5

/** The defaults are those of the CRD, which an API server has filled in already. */
export function readSettings({ metadata, spec }: StoredActor, platform: Platform): Settings {
  const { timeout = {}, scaling = {}, workload } = spec
  const { processing = 300, gracefulShutdown = 30 } = timeout
  const type = workload.type ?? 'Deployment'
  const podGraceS = Number(workload.template.spec['terminationGracePeriodSeconds'] ?? 0)
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    queue: spec.queueName,
    concurrency: spec.concurrency ?? 1,
    rabbitmq: readRabbitmq(spec.transport?.rabbitmq ?? {}, platform),
    sidecar: readSidecar(spec, platform),
    socketPath: spec.socket?.path ?? '/tmp/sockets/app.sock',
    maxMessageBytes: Number(spec.socket?.maxSize ?? DEFAULT_MAX_FRAME_BYTES),
    processingS: processing,
    graceS: Math.max(gracefulShutdown, processing + AROUND_PROCESSING_S, podGraceS || 0),
    idleS: type === 'Job' ? Math.max(scaling.cooldownPeriod ?? 60, MIN_IDLE_S) : undefined,
    retry: readRetry(spec.retry),
    scaling: {
      enabled: scaling.enabled ?? true,
      paused: scaling.paused ?? false,
      minReplicas: scaling.minReplicas ?? 0,
      maxReplicas: scaling.maxReplicas ?? 50,
      pollingInterval: scaling.pollingInterval ?? 10,
      cooldownPeriod: scaling.cooldownPeriod ?? 60,
      queueLength: scaling.queueLength ?? 5,
      protocol: scaling.protocol ?? 'http',
      fallback: scaling.fallback,
      authenticationRef: scaling.authenticationRef,
    },
    workload: {
      type,
      replicas: workload.replicas,
      isPython: isPython(workload),
      template: workload.template,
    },
  }
}

/** With a host it is a broker of its own; without one it is the platform's, and so is what it leaves out. */
function readRabbitmq(own: Rabbitmq, platform: Platform): Settings['rabbitmq'] {
  const { host } = own
  return host === undefined
    ? { ...platform.rabbitmq, ...own, host: platform.rabbitmq.host }
    : { ...own, host }
}

function readSidecar(spec: AsyncActorSpec, platform: Platform): Settings['sidecar'] {
  const { image, imagePullPolicy, resources, env, mode = 'Auto' } = spec.sidecar ?? {}
  // Beside an ordinary container a job would never end.
  const isNativeByDefault = platform.hasNativeSidecars || spec.workload.type === 'Job'
  return {
    image: image ?? platform.sidecar.image,
    imagePullPolicy: imagePullPolicy ?? 'IfNotPresent',
    resources: resources ?? platform.sidecar.resources,
    env: env ?? [],
    isNative: mode === 'Auto' ? isNativeByDefault : mode === 'Native',
  }
}

/** Without a policy of its own, what is left out is the sidecar's to say. */
function readRetry(retry: AsyncActorSpec['retry']): PartialRetryPolicy {
  if (retry === undefined) return {}
  return {
    maxAttempts: retry.maxAttempts ?? 3,
    initialDelayMs: parseDurationMs(retry.initialDelay ?? '1s'),
    maxDelayMs: parseDurationMs(retry.maxDelay ?? '5m'),
    backoff: retry.factor ?? 2,
    retryCodes: retry.retryCodes,
    fatalCodes: retry.fatalCodes,
  }
}

function isPython({ runtime = 'Auto', template }: AsyncActorSpec['workload']): boolean {
  if (runtime !== 'Auto') return runtime === 'Python'
  const container = findRuntimeContainer(template)
  return container !== undefined && isPythonContainer(container)
}
