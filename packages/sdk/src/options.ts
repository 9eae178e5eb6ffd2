// By file, not by the whole protocol: what the main entry takes, every bundled actor carries.
import type { FailureCode, OptionProblem, RetryPolicy } from '@asya/protocol'
import {
  findActorOptionProblems,
  findPipelineOptionProblems,
  findRemoteActorOptionProblems,
} from '@asya/protocol/actor-options'
import { toMs } from '@asya/protocol/duration'
import { DEFAULT_RETRY_POLICY } from '@asya/protocol/retry'
import { DefinitionError } from './errors.ts'

/** A time: `'300ms'`, `'90s'`, `'1m30s'`, `'1.5h'`, or a number of milliseconds. */
export type Duration = string | number

/** How an actor is run. The build reads these without running them: write them as literals. */
export interface ActorOptions<Name extends string = string> {
  /** Name of the actor and its queue; else it comes from the export: `readPage` → `read-page`. */
  readonly name?: Name | undefined
  /** What the actor does; else its doc comment says so. */
  readonly description?: string | undefined
  /** How long one attempt may take; then it fails with `timeout_error`. */
  readonly timeout?: Duration | undefined
  /** What a pod has to end in; 30s when left out, or more if a message may take longer. */
  readonly gracefulShutdown?: Duration | undefined
  readonly retry?: RetryOptions | undefined
  readonly scaling?: ScalingOptions | undefined
  /** How many messages one instance works on at a time; 1 when left out. */
  readonly concurrency?: number | undefined
  readonly workload?: WorkloadOptions | undefined
  /** Image of its container, for one of your own making; else the build makes one. */
  readonly image?: string | undefined
  readonly resources?: ResourceOptions | undefined
  /** Variables of its environment. Secrets stand here by their names alone. */
  readonly env?: Readonly<Record<string, EnvironmentValue>> | undefined
  /** Labels that a node must have to run it: `{ 'example.com/disk': 'fast' }`. */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined
  /** Taints of nodes that do not keep it away. */
  readonly tolerations?: readonly Toleration[] | undefined
  readonly sidecar?: SidecarOptions | undefined
  readonly socket?: SocketOptions | undefined
}

/** What happens to a message whose attempt failed. */
export interface RetryOptions {
  /** How many times a message is tried at most, the first included; 3 when left out. */
  readonly maxAttempts?: number | undefined
  /** Wait before the second attempt; 1s when left out. Delays are rounded up to a queue's tier. */
  readonly initialDelay?: Duration | undefined
  /** The longest wait; 5m when left out. */
  readonly maxDelay?: Duration | undefined
  /** Factor between one wait and the next; 2 when left out. */
  readonly backoff?: number | undefined
  /** Codes that are tried again although they are fatal. */
  readonly retryCodes?: readonly Code[] | undefined
  /** Codes that are not tried again although they are recoverable. */
  readonly fatalCodes?: readonly Code[] | undefined
}

/** A failure's code; those of runtimes in other languages are allowed too. */
type Code = FailureCode | (string & {})

/** How many instances there are, by the depth of the queue. */
export interface ScalingOptions {
  /** 0 lets the actor sleep while its queue is empty. */
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** Messages waiting for each instance before there is another one. */
  readonly queueLength?: number | undefined
  /** How often the queue is looked at while there is no instance. */
  readonly pollingInterval?: Duration | undefined
  /** How long the queue stays empty before the last instance goes. */
  readonly cooldownPeriod?: Duration | undefined
  /** Keeps the instances as they are. */
  readonly paused?: boolean | undefined
  /** How messages are counted: `http` when left out. `amqp` needs no management API, and sees only what waits. */
  readonly protocol?: 'http' | 'amqp' | undefined
  /** What to do while the queue cannot be counted; else the instances stay as they are. */
  readonly fallback?: FallbackOptions | undefined
  /** An authentication of KEDA's that you made, instead of one made of the broker's. */
  readonly authenticationRef?:
    | {
        readonly name: string
        /** `TriggerAuthentication` when left out. */
        readonly kind?: 'TriggerAuthentication' | 'ClusterTriggerAuthentication' | undefined
      }
    | undefined
}

/** How many instances there are while the queue cannot be counted. */
interface FallbackOptions {
  readonly replicas: number
  /** Failed counts before it begins; 3 when left out. */
  readonly failureThreshold?: number | undefined
  /** How they compare with the instances that there are; `static` when left out. */
  readonly behavior?:
    'static' | 'currentReplicas' | 'currentReplicasIfHigher' | 'currentReplicasIfLower' | undefined
}

/** The container beside the actor's own, which consumes its queue. */
interface SidecarOptions {
  /** Its image; else that of the operator's version. */
  readonly image?: string | undefined
  /** `IfNotPresent` when left out. */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined
  /** `Native` is an init container that stays, `Container` an ordinary one; `Auto` when left out. */
  readonly mode?: 'Auto' | 'Native' | 'Container' | undefined
  /** What it needs; else the operator has small values. */
  readonly resources?: Pick<ResourceOptions, 'cpu' | 'memory'> | undefined
  /** Variables of its environment, such as `ASYA_LOG_LEVEL`. */
  readonly env?: Readonly<Record<string, EnvironmentValue>> | undefined
}

/** The Unix socket between the actor and its sidecar. */
interface SocketOptions {
  /** In a folder of its own; `/tmp/sockets/app.sock` when left out. */
  readonly path?: string | undefined
  /** Bytes of the largest message that passes; 10 MiB when left out. */
  readonly maxSize?: number | undefined
}

/** What Kubernetes runs the actor as. */
export interface WorkloadOptions {
  /**
   * `Deployment` when left out. `StatefulSet`: each instance keeps its name. `Job`: an instance works
   * on its messages and ends.
   */
  readonly type?: 'Deployment' | 'StatefulSet' | 'Job' | undefined
  /** Always so many instances, whatever its queue holds. Not together with `scaling`. */
  readonly replicas?: number | undefined
}

/** What one instance needs, in the words of Kubernetes. */
export interface ResourceOptions {
  /** CPUs that it is given at least: `'2'`, `'0.5'`, `'500m'`. It may use what is idle. */
  readonly cpu?: string | undefined
  /** Memory that it is given, and may not exceed: `'512Mi'`, `'2Gi'`. */
  readonly memory?: string | undefined
  /** Whole GPUs of its own. */
  readonly gpu?: number | undefined
  /** What the cluster calls a GPU; `nvidia.com/gpu` when left out. */
  readonly gpuResource?: string | undefined
}

/** A text, or where Kubernetes has it. */
export type EnvironmentValue =
  | string
  | { readonly secret: string; readonly key: string }
  | { readonly configMap: string; readonly key: string }

/** A taint that is put up with. */
export interface Toleration {
  /** Every taint, if it is left out and the operator is `Exists`. */
  readonly key?: string | undefined
  /** `Equal` when left out. */
  readonly operator?: 'Exists' | 'Equal' | undefined
  readonly value?: string | undefined
  /** Every effect when left out. */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | undefined
}

export interface PipelineOptions {
  /** Name of the pipeline; else it comes from the export. */
  readonly name?: string | undefined
  /** What the pipeline does; else its doc comment says so. */
  readonly description?: string | undefined
  /** How long a job may take from end to end. */
  readonly timeout?: Duration | undefined
}

/** What there is to say of an actor that somebody else runs. */
export interface RemoteActorOptions {
  /** Name of the actor, and of its queue unless `queue` says otherwise. */
  readonly name: string
  /** The queue that it consumes, as its owner calls it. */
  readonly queue?: string | undefined
  /** What the actor does; else its doc comment says so. */
  readonly description?: string | undefined
}

/** @throws DefinitionError that names every option that is not allowed */
export function checkActorOptions(options: ActorOptions): ActorOptions {
  refuse(findActorOptionProblems(options))
  return freezeDeep(options)
}

/** @throws DefinitionError that names every option that is missing or not allowed */
export function checkRemoteActorOptions(options: unknown): RemoteActorOptions {
  refuse(findRemoteActorOptionProblems(options))
  // Checked just now.
  return freezeDeep(options as RemoteActorOptions)
}

/** @throws DefinitionError that names every option that is not allowed */
export function checkPipelineOptions(options: PipelineOptions): PipelineOptions {
  refuse(findPipelineOptionProblems(options))
  return freezeDeep(options)
}

function refuse(problems: readonly OptionProblem[]): void {
  if (problems.length > 0) throw new DefinitionError(problems.map(({ message }) => message))
}

function freezeDeep<T extends object>(options: T): T {
  const copy = Array.isArray(options)
    ? options.map(freezeValue)
    : // fromEntries forgets which members there are.
      Object.fromEntries(Object.entries(options).map(([name, value]) => [name, freezeValue(value)]))
  return Object.freeze(copy) as T
}

function freezeValue(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? freezeDeep(value) : value
}

/** The policy that retry options amount to. */
export function toRetryPolicy(retry: RetryOptions = {}): RetryPolicy {
  const fallback = DEFAULT_RETRY_POLICY
  return {
    maxAttempts: retry.maxAttempts ?? fallback.maxAttempts,
    initialDelayMs: toMs(retry.initialDelay) ?? fallback.initialDelayMs,
    maxDelayMs: toMs(retry.maxDelay) ?? fallback.maxDelayMs,
    backoff: retry.backoff ?? fallback.backoff,
    retryCodes: retry.retryCodes ?? fallback.retryCodes,
    fatalCodes: retry.fatalCodes ?? fallback.fatalCodes,
  }
}
