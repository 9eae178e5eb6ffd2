import type { AsyncActorSpec, PartialRetryPolicy } from '@asya/protocol'

/**
 * What authors say of how an actor is run, and of the project as a whole: read from the options of
 * `defineActor` and from `asya.config.ts`, checked, and with durations in milliseconds. What is
 * undefined is left to the default of whoever runs it.
 */
export interface ActorSettings {
  /** How long one attempt may take. */
  readonly timeoutMs?: number | undefined
  /** What a pod has to end in. */
  readonly gracefulShutdownMs?: number | undefined
  readonly concurrency?: number | undefined
  readonly retry?: PartialRetryPolicy | undefined
  readonly scaling?: ScalingSettings | undefined
  readonly workload?: WorkloadSettings | undefined
  /** Of its container; else the one that the build makes. */
  readonly image?: string | undefined
  readonly resources?: ResourceSettings | undefined
  readonly env?: Readonly<Record<string, EnvironmentValue>> | undefined
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined
  readonly tolerations?: readonly Toleration[] | undefined
  readonly sidecar?: SidecarSettings | undefined
  readonly socket?: { readonly path?: string | undefined; readonly maxSize?: number | undefined }
}

/** Of the container that the operator adds. */
export interface SidecarSettings {
  readonly image?: string | undefined
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined
  readonly mode?: 'Auto' | 'Native' | 'Container' | undefined
  readonly resources?: Pick<ResourceSettings, 'cpu' | 'memory'> | undefined
  readonly env?: Readonly<Record<string, EnvironmentValue>> | undefined
}

export interface ScalingSettings {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly queueLength?: number | undefined
  readonly pollingIntervalMs?: number | undefined
  readonly cooldownPeriodMs?: number | undefined
  readonly paused?: boolean | undefined
  readonly protocol?: 'http' | 'amqp' | undefined
  readonly fallback?: AsyncActorScaling['fallback']
  readonly authenticationRef?: AsyncActorScaling['authenticationRef']
}

type AsyncActorScaling = NonNullable<AsyncActorSpec['scaling']>

export interface WorkloadSettings {
  readonly type?: 'Deployment' | 'StatefulSet' | 'Job' | undefined
  /** Without autoscaling. */
  readonly replicas?: number | undefined
}

/** Quantities as Kubernetes writes them: `500m`, `2Gi`. */
export interface ResourceSettings {
  readonly cpu?: string | undefined
  readonly memory?: string | undefined
  /** Whole GPUs. */
  readonly gpu?: number | undefined
  /** Of the GPU: `nvidia.com/gpu` when left out. */
  readonly gpuResource?: string | undefined
}

export type EnvironmentValue =
  | { readonly value: string }
  | { readonly secret: string; readonly key: string }
  | { readonly configMap: string; readonly key: string }

export interface Toleration {
  readonly key?: string | undefined
  readonly operator?: 'Exists' | 'Equal' | undefined
  readonly value?: string | undefined
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | undefined
}

/** Of `asya.config.ts` with the overlay of one environment laid over it, and of package.json. */
export interface ProjectSettings {
  readonly name: string
  readonly version: string
  readonly description?: string | undefined
  /** Where the images of the actors are pushed to: `<registry>/<actor>:<tag>`. */
  readonly image?: { readonly registry?: string | undefined; readonly tag?: string | undefined }
  readonly namespace?: string | undefined
  readonly broker?: BrokerSettings | undefined
  /** For every actor, unless it says otherwise. */
  readonly defaults?: ActorSettings | undefined
  /** Version of the AsyncAPI documents; 3.0.0 when undefined. */
  readonly asyncapi?: '3.0.0' | '3.1.0' | undefined
}

export interface BrokerSettings {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly vhost?: string | undefined
  readonly username?: string | undefined
  readonly passwordSecret?: { readonly name: string; readonly key: string } | undefined
  readonly tls?: boolean | undefined
  /** `asya` when undefined. */
  readonly exchange?: string | undefined
  readonly management?: { readonly port?: number; readonly scheme?: 'http' | 'https' } | undefined
}
