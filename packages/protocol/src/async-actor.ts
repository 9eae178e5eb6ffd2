/**
 * The resource `AsyncActor`: what the build writes, what people apply, and what the operator carries
 * out. Its CRD is made of these types: comments become the texts of `kubectl explain`, tags its
 * keywords. What a type cannot say stands in `async-actor-rules.ts`. Names and defaults are the
 * original's where it has them.
 */

export const ASYNC_ACTOR_API_VERSION = 'asya.io/v1alpha1'

/** An actor: a queue, and the workload that serves it. */
export interface AsyncActor {
  readonly apiVersion: typeof ASYNC_ACTOR_API_VERSION
  readonly kind: 'AsyncActor'
  readonly metadata: ObjectMeta
  readonly spec: AsyncActorSpec
  readonly status?: AsyncActorStatus | undefined
}

interface ObjectMeta {
  readonly name: string
  readonly namespace?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** What the actor should be. The shortest has a queue and a workload. */
export interface AsyncActorSpec {
  /**
   * The queue that the actor consumes; by its name others send to it. It cannot be changed: make
   * another actor instead.
   *
   * @minLength 1
   * @maxLength 200
   * @pattern ^[A-Za-z0-9][A-Za-z0-9._-]*$
   */
  readonly queueName: string
  /** The broker of the queue. Left out, it is the one that the operator was installed with. */
  readonly transport?: Transport | undefined
  /** The container that consumes the queue and calls the runtime. The operator adds it to each pod. */
  readonly sidecar?: SidecarSettings | undefined
  /**
   * The Unix socket between sidecar and runtime.
   *
   * @default {}
   */
  readonly socket?: SocketSettings | undefined
  /**
   * How long things may take.
   *
   * @default {}
   */
  readonly timeout?: TimeoutSettings | undefined
  /**
   * How many messages one replica works on at a time.
   *
   * @integer
   * @default 1
   * @minimum 1
   * @maximum 1000
   */
  readonly concurrency?: number | undefined
  /**
   * What happens to a message whose attempt failed. Left out, the sidecar's defaults hold: 3 attempts,
   * and 100 at an end actor.
   */
  readonly retry?: RetrySettings | undefined
  /**
   * How many replicas there are, by the depth of the queue. Needs KEDA; where it is missing,
   * workload.replicas holds.
   *
   * @default {}
   */
  readonly scaling?: ScalingSettings | undefined
  /** What Kubernetes runs. */
  readonly workload: Workload
}

/** Where the queue is. */
interface Transport {
  /**
   * The kind of broker.
   *
   * @default "rabbitmq"
   */
  readonly type?: 'rabbitmq' | undefined
  /**
   * How RabbitMQ is reached. With a host, it is a broker of its own. Without one, it is the operator's,
   * and what is left out is as the operator was installed with.
   */
  readonly rabbitmq: RabbitmqTransport
}

/** How RabbitMQ is reached. */
interface RabbitmqTransport {
  /**
   * Its name or address.
   *
   * @minLength 1
   * @maxLength 253
   */
  readonly host?: string | undefined
  /**
   * Its AMQP port: 5672 when left out, or 5671 with TLS.
   *
   * @integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port?: number | undefined
  /**
   * Its virtual host: / when left out.
   *
   * @minLength 1
   * @maxLength 255
   */
  readonly vhost?: string | undefined
  /**
   * The topic exchange that all actors of a system publish to: asya when left out.
   *
   * @minLength 1
   * @maxLength 200
   * @pattern ^[A-Za-z0-9][A-Za-z0-9._-]*$
   */
  readonly exchange?: string | undefined
  /** Whether AMQP is spoken over TLS: false when left out. */
  readonly tls?: boolean | undefined
  /**
   * Who the actor is for the broker: guest when left out.
   *
   * @minLength 1
   * @maxLength 255
   */
  readonly username?: string | undefined
  /** Where the password is, in the actor's namespace. The operator never reads it. */
  readonly passwordSecretRef?: SecretReference | undefined
  /** The broker's management API, by which KEDA counts messages. */
  readonly management?: ManagementApi | undefined
}

/** A value in a Secret. */
interface SecretReference {
  /**
   * Name of the Secret.
   *
   * @minLength 1
   * @maxLength 253
   */
  readonly name: string
  /**
   * The key inside it.
   *
   * @minLength 1
   * @maxLength 253
   */
  readonly key: string
}

/** The broker's management API. */
interface ManagementApi {
  /**
   * Its port: 15672 when left out, or 15671 with https.
   *
   * @integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port?: number | undefined
  /** How it is spoken to: http when left out. */
  readonly scheme?: 'http' | 'https' | undefined
}

/** The container that consumes the queue. */
interface SidecarSettings {
  /**
   * Its image. Left out, it is the one of the operator's version.
   *
   * @minLength 1
   * @maxLength 512
   */
  readonly image?: string | undefined
  /**
   * When its image is pulled.
   *
   * @default "IfNotPresent"
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined
  /** What it needs. Left out, the operator has small values. */
  readonly resources?: ResourceRequirements | undefined
  /** More variables of its environment, such as ASYA_LOG_LEVEL. */
  readonly env?: readonly EnvironmentVariable[] | undefined
  /**
   * Native is an init container that stays (Kubernetes 1.29 and later), Container an ordinary one.
   * Auto is Native where the API server is 1.33 or later.
   *
   * @default "Auto"
   */
  readonly mode?: 'Auto' | 'Native' | 'Container' | undefined
}

/** What a container needs, and may use at most. */
interface ResourceRequirements {
  /** What it is given at least. */
  readonly requests?: Quantities | undefined
  /** What it may use at most. */
  readonly limits?: Quantities | undefined
}

/** Amounts by the name of the resource: cpu 500m, memory 2Gi. */
type Quantities = Readonly<Record<string, string | number>>

/** The Unix socket between sidecar and runtime. */
interface SocketSettings {
  /**
   * Where it is, in a folder of its own.
   *
   * @default "/tmp/sockets/app.sock"
   * @maxLength 107
   * @pattern ^/([^/]+/)+[^/]+\.sock$
   */
  readonly path?: string | undefined
  /**
   * Largest message that passes through it, in bytes.
   *
   * @integer
   * @default 10485760
   * @maxLength 10
   */
  readonly maxSize?: number | string | undefined
}

/** How long things may take. */
interface TimeoutSettings {
  /**
   * Seconds for one attempt at one message.
   *
   * @integer
   * @default 300
   * @minimum 1
   * @maximum 2147483
   */
  readonly processing?: number | undefined
  /**
   * Seconds that a pod has to end in. What is being processed is finished all the same: a pod is given
   * 15 seconds more than processing, if that is longer.
   *
   * @integer
   * @default 30
   * @minimum 1
   * @maximum 2147483
   */
  readonly gracefulShutdown?: number | undefined
}

/** What happens to a message whose attempt failed. */
interface RetrySettings {
  /**
   * How many times a message is tried at most, the first included.
   *
   * @integer
   * @default 3
   * @minimum 1
   * @maximum 1000
   */
  readonly maxAttempts?: number | undefined
  /**
   * Wait before the second attempt, such as 500ms, 1s or 1m30s.
   *
   * @default "1s"
   * @maxLength 20
   * @pattern ^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$
   */
  readonly initialDelay?: string | undefined
  /**
   * The longest wait.
   *
   * @default "5m"
   * @maxLength 20
   * @pattern ^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$
   */
  readonly maxDelay?: string | undefined
  /**
   * Factor between one wait and the next.
   *
   * @default 2
   * @minimum 1
   * @maximum 100
   */
  readonly factor?: number | undefined
  /** Failure codes that are tried again although they are fatal. */
  readonly retryCodes?: readonly string[] | undefined
  /** Failure codes that are not tried again although they are recoverable. */
  readonly fatalCodes?: readonly string[] | undefined
}

/** How many replicas there are, by the depth of the queue. */
interface ScalingSettings {
  /**
   * Whether the queue decides; else workload.replicas holds.
   *
   * @default true
   */
  readonly enabled?: boolean | undefined
  /**
   * Keeps the replicas as they are, until it is false again.
   *
   * @default false
   */
  readonly paused?: boolean | undefined
  /**
   * Replicas at least. 0 lets the actor sleep while its queue is empty.
   *
   * @integer
   * @default 0
   * @minimum 0
   * @maximum 10000
   */
  readonly minReplicas?: number | undefined
  /**
   * Replicas at most.
   *
   * @integer
   * @default 50
   * @minimum 1
   * @maximum 10000
   */
  readonly maxReplicas?: number | undefined
  /**
   * Seconds from one look at the queue to the next, while there is no replica.
   *
   * @integer
   * @default 10
   * @minimum 1
   * @maximum 2147483
   */
  readonly pollingInterval?: number | undefined
  /**
   * Seconds that the queue stays empty before the last replica goes, or a pod of a Job ends.
   *
   * @integer
   * @default 60
   * @minimum 0
   * @maximum 2147483
   */
  readonly cooldownPeriod?: number | undefined
  /**
   * Messages, waiting or in progress, for each replica.
   *
   * @integer
   * @default 5
   * @minimum 1
   * @maximum 1000000
   */
  readonly queueLength?: number | undefined
  /**
   * How KEDA counts messages. http counts those in progress too; amqp needs no management API, but
   * counts only what waits, so that cooldownPeriod must outlast a message.
   *
   * @default "http"
   */
  readonly protocol?: 'http' | 'amqp' | undefined
  /** What to do while the queue cannot be counted. Left out, the replicas stay as they are. */
  readonly fallback?: ScalingFallback | undefined
  /** An authentication that you made for KEDA, instead of one made of the transport's. */
  readonly authenticationRef?: AuthenticationReference | undefined
}

/** What to do while the queue cannot be counted. */
interface ScalingFallback {
  /**
   * Failed counts before it begins.
   *
   * @integer
   * @default 3
   * @minimum 1
   * @maximum 1000
   */
  readonly failureThreshold?: number | undefined
  /**
   * Replicas meanwhile.
   *
   * @integer
   * @minimum 1
   * @maximum 10000
   */
  readonly replicas: number
  /**
   * How they compare with the replicas that there are.
   *
   * @default "static"
   */
  readonly behavior?:
    'static' | 'currentReplicas' | 'currentReplicasIfHigher' | 'currentReplicasIfLower' | undefined
}

/** An authentication of KEDA. */
interface AuthenticationReference {
  /**
   * Its name.
   *
   * @minLength 1
   * @maxLength 253
   */
  readonly name: string
  /**
   * Whether it belongs to the namespace or to the cluster.
   *
   * @default "TriggerAuthentication"
   */
  readonly kind?: 'TriggerAuthentication' | 'ClusterTriggerAuthentication' | undefined
}

/** What Kubernetes runs. */
interface Workload {
  /**
   * Deployment; StatefulSet, where each replica keeps its name; or Job, where a replica works on its
   * messages and ends. It cannot be changed: make another actor instead.
   *
   * @default "Deployment"
   */
  readonly type?: 'Deployment' | 'StatefulSet' | 'Job' | undefined
  /**
   * Replicas where the queue does not decide: scaling.enabled is false, or KEDA is missing. Left out,
   * they stay as they are, and are 1 at least.
   *
   * @integer
   * @minimum 0
   * @maximum 10000
   */
  readonly replicas?: number | undefined
  /**
   * Who starts what serves the handler. Image: the image. Python: the operator, which adds Asya's
   * runtime for Python and starts it with python3. Auto is Python where the container has no command
   * and its ASYA_HANDLER names a function, such as triage.classify; else Image.
   *
   * @default "Auto"
   */
  readonly runtime?: 'Auto' | 'Image' | 'Python' | undefined
  /** The pod. Exactly one of its containers is called runtime; it holds the handler. */
  readonly template: PodTemplate
}

/** Fields of Kubernetes that are not listed here are kept as they are. */
export interface PodTemplate {
  /** Labels and annotations of the pods. */
  readonly metadata?: PodMetadata | undefined
  /** The pod, as Kubernetes has it. */
  readonly spec: PodSpec
}

/** Labels and annotations of the pods. */
interface PodMetadata {
  /** More labels. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** More annotations. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** A pod, as Kubernetes has it: fields that are not listed here are kept too. */
interface PodSpec {
  /** Exactly one is called runtime; asya-sidecar is the operator's. */
  readonly containers: readonly Container[]
  /** Run before the others; asya-sidecar is the operator's. */
  readonly initContainers?: readonly Container[] | undefined
  /** Names that begin with asya- are the operator's. */
  readonly volumes?: readonly Volume[] | undefined
  /** Always, or for a Job Never or OnFailure. */
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never' | undefined
  /** Labels that a node must have. */
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined
  readonly [field: string]: Json | undefined
}

/** A container, as Kubernetes has it: fields that are not listed here are kept too. */
export interface Container {
  /**
   * Its name in the pod.
   *
   * @minLength 1
   * @maxLength 63
   */
  readonly name: string
  /** Its image. */
  readonly image?: string | undefined
  readonly [field: string]: Json | undefined
}

/** A volume, as Kubernetes has it. */
interface Volume {
  /**
   * Its name in the pod.
   *
   * @minLength 1
   * @maxLength 63
   */
  readonly name: string
  readonly [field: string]: Json | undefined
}

/** A variable of a container's environment, as Kubernetes has it. */
export interface EnvironmentVariable {
  /**
   * Its name.
   *
   * @minLength 1
   * @maxLength 253
   */
  readonly name: string
  /** Its value; for a secret, valueFrom says where it is. */
  readonly value?: string | undefined
  readonly [field: string]: Json | undefined
}

/** What a field of Kubernetes may hold. */
type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined }

/** What the operator has seen. Nobody else writes it. */
interface AsyncActorStatus {
  /**
   * The generation of the actor that this was said of.
   *
   * @integer
   */
  readonly observedGeneration?: number | undefined
  /** Ready, and what it is made of: WorkloadReady, ScalingReady, TransportReady. */
  readonly conditions?: readonly Condition[] | undefined
  /** The workload that was made. */
  readonly workloadRef?: ObjectReference | undefined
  /** What makes it scale: a ScaledObject or ScaledJob. */
  readonly scaledObjectRef?: ObjectReference | undefined
  /**
   * Pods that there are.
   *
   * @integer
   */
  readonly replicas?: number | undefined
  /**
   * Pods that are ready.
   *
   * @integer
   */
  readonly readyReplicas?: number | undefined
}

/** One thing that is, or is not, so. */
interface Condition {
  /**
   * What is said.
   *
   * @minLength 1
   * @maxLength 316
   */
  readonly type: string
  /** Whether it is so. */
  readonly status: 'True' | 'False' | 'Unknown'
  /**
   * Why, in one word.
   *
   * @minLength 1
   * @maxLength 1024
   */
  readonly reason: string
  /**
   * Why, in words.
   *
   * @maxLength 32768
   */
  readonly message: string
  /**
   * Since when.
   *
   * @format date-time
   */
  readonly lastTransitionTime: string
  /**
   * The generation of the actor that this was said of.
   *
   * @integer
   */
  readonly observedGeneration?: number | undefined
}

/** An object in the actor's namespace. */
interface ObjectReference {
  /** Its API group and version. */
  readonly apiVersion: string
  /** Its kind. */
  readonly kind: string
  /** Its name. */
  readonly name: string
  /** Its namespace. */
  readonly namespace: string
}
