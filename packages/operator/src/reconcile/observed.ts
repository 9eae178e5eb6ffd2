import type { AsyncActor } from '@asya/protocol'
import type { KubeObject } from '../kube/kube-object.ts'

/** What is there of an actor, as the caches have it: objects of the API server, read into facts. */
export interface Observed {
  readonly workload: WorkloadFacts | undefined
  readonly scaler: ScalerFacts | undefined
  readonly pods: readonly PodFacts[]
}

/** An actor as the API server has it. */
export interface ActorObject extends AsyncActor {
  readonly metadata: AsyncActor['metadata'] & {
    readonly namespace: string
    readonly uid: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly deletionTimestamp?: string
  }
}

/** A condition of any kind: KEDA has no transition times, and texts may be missing. */
export interface ConditionFacts {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

export interface WorkloadFacts {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** Whether its controller has seen the newest spec. */
  readonly isObserved: boolean
  /** How many replicas it is told to have. */
  readonly wanted: number
  readonly replicas: number
  readonly ready: number
  readonly updated: number
  /** Of a Job. */
  readonly active: number
  readonly conditions: readonly ConditionFacts[]
}

export interface ScalerFacts {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly conditions: readonly ConditionFacts[]
}

export interface PodFacts {
  readonly name: string
  readonly isEnding: boolean
  readonly conditions: readonly ConditionFacts[]
  readonly containers: readonly ContainerFacts[]
}

export interface ContainerFacts {
  readonly name: string
  readonly isReady: boolean
  readonly restarts: number
  /** Why it does not run: `CrashLoopBackOff`, `ImagePullBackOff`, …; undefined while it does. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined
  /** How it ended before. */
  readonly lastEnd: { readonly reason: string; readonly message: string } | undefined
}

const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'Job'])
const SCALERS: ReadonlySet<string> = new Set(['ScaledObject', 'ScaledJob'])

/** Reads what is there. A member that is missing, or of another type, counts as not yet said. */
export function observe(children: readonly KubeObject[], pods: readonly KubeObject[]): Observed {
  const workload = children.find(({ kind }) => WORKLOADS.has(kind))
  const scaler = children.find(({ kind }) => SCALERS.has(kind))
  return {
    workload: workload && readWorkload(workload),
    scaler: scaler && {
      ...nameOf(scaler),
      conditions: readConditions(scaler['status']),
    },
    pods: pods.map(readPod),
  }
}

function readWorkload(object: KubeObject): WorkloadFacts {
  const spec = record(object['spec'])
  const status = record(object['status'])
  const generation = object.metadata.generation ?? 0
  // A Job has no observedGeneration, and its spec cannot change.
  const seen = object.kind === 'Job' ? generation : number(status['observedGeneration'], 0)
  return {
    ...nameOf(object),
    isObserved: seen >= generation,
    wanted: number(spec['replicas'], 1),
    replicas: number(status['replicas'], 0),
    ready: number(status['readyReplicas'], 0),
    updated: number(status['updatedReplicas'], 0),
    active: number(status['active'], 0),
    conditions: readConditions(status),
  }
}

function readPod(object: KubeObject): PodFacts {
  const status = record(object['status'])
  const containers = [
    ...list(status['initContainerStatuses']),
    ...list(status['containerStatuses']),
  ]
  return {
    name: object.metadata.name,
    isEnding: object.metadata.deletionTimestamp !== undefined,
    conditions: readConditions(status),
    containers: containers.map(readContainer),
  }
}

function readContainer(value: unknown): ContainerFacts {
  const status = record(value)
  const waiting = record(status['state'])['waiting']
  const ended = record(status['lastState'])['terminated'] ?? record(status['state'])['terminated']
  return {
    name: text(status['name']),
    isReady: status['ready'] === true,
    restarts: number(status['restartCount'], 0),
    waiting: waiting === undefined ? undefined : readReason(waiting),
    lastEnd: ended === undefined ? undefined : readReason(ended),
  }
}

function readReason(value: unknown): { reason: string; message: string } {
  const { reason, message, exitCode } = record(value)
  const code = typeof exitCode === 'number' ? `exit code ${String(exitCode)}` : ''
  return { reason: text(reason), message: text(message).trim() || code }
}

function readConditions(status: unknown): ConditionFacts[] {
  return list(record(status)['conditions']).map((value) => {
    const { type, status: state, reason, message } = record(value)
    return { type: text(type), status: text(state), reason: text(reason), message: text(message) }
  })
}

function nameOf({ apiVersion, kind, metadata }: KubeObject) {
  return { apiVersion, kind, name: metadata.name }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function number(value: unknown, absent: number): number {
  return typeof value === 'number' ? value : absent
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
