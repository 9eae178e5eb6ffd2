import {
  pick,
  pickItems,
  pickNumber,
  pickText,
  readConditions,
  type Condition,
  type Fields,
} from '../kube/fields.ts'
import type { KubeObject } from '../kube/kube-object.ts'

/** What is there of an actor, as the caches have it: objects of the API server, read into facts. */
export interface Observed {
  readonly workload: WorkloadFacts | undefined
  readonly scaler: ScalerFacts | undefined
  readonly pods: readonly PodFacts[]
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
  readonly conditions: readonly Condition[]
}

export interface ScalerFacts {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly conditions: readonly Condition[]
}

export interface PodFacts {
  readonly name: string
  readonly isEnding: boolean
  readonly conditions: readonly Condition[]
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
    scaler: scaler && { ...nameOf(scaler), conditions: readConditions(scaler) },
    pods: pods.map(readPod),
  }
}

function readWorkload(object: KubeObject): WorkloadFacts {
  const generation = object.metadata.generation ?? 0
  // A Job has no observedGeneration, and its spec cannot change.
  const seen =
    object.kind === 'Job' ? generation : (pickNumber(object, 'status', 'observedGeneration') ?? 0)
  const count = (name: string): number => pickNumber(object, 'status', name) ?? 0
  return {
    ...nameOf(object),
    isObserved: seen >= generation,
    wanted: pickNumber(object, 'spec', 'replicas') ?? 1,
    replicas: count('replicas'),
    ready: count('readyReplicas'),
    updated: count('updatedReplicas'),
    active: count('active'),
    conditions: readConditions(object),
  }
}

function readPod(object: KubeObject): PodFacts {
  const containers = [
    ...pickItems(object, 'status', 'initContainerStatuses'),
    ...pickItems(object, 'status', 'containerStatuses'),
  ]
  return {
    name: object.metadata.name,
    isEnding: object.metadata.deletionTimestamp !== undefined,
    conditions: readConditions(object),
    containers: containers.map(readContainer),
  }
}

function readContainer(status: Fields): ContainerFacts {
  const waiting = pick(status, 'state', 'waiting')
  const ended = pick(status, 'lastState', 'terminated') ?? pick(status, 'state', 'terminated')
  return {
    name: pickText(status, 'name'),
    isReady: status['ready'] === true,
    restarts: pickNumber(status, 'restartCount') ?? 0,
    waiting: waiting === undefined ? undefined : readReason(waiting),
    lastEnd: ended === undefined ? undefined : readReason(ended),
  }
}

function readReason(value: unknown): { reason: string; message: string } {
  const exitCode = pickNumber(value, 'exitCode')
  const code = exitCode === undefined ? '' : `exit code ${String(exitCode)}`
  return { reason: pickText(value, 'reason'), message: pickText(value, 'message').trim() || code }
}

function nameOf({ apiVersion, kind, metadata }: KubeObject) {
  return { apiVersion, kind, name: metadata.name }
}

/** Undefined while nobody has said it. */
export function findCondition(
  { conditions }: { readonly conditions: readonly Condition[] },
  type: string,
): Condition | undefined {
  return conditions.find((condition) => condition.type === type)
}
