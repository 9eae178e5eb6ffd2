import type { KubeObject } from '../kube/kube-object.ts'
import { makeDeployment } from './deployment.ts'
import { makeJob } from './job.ts'
import { makeNetworkPolicy } from './network-policy.ts'
import type { Platform } from './platform.ts'
import { makePodTemplate, warnOfPod } from './pod-template.ts'
import { readSettings, type Settings, type StoredActor } from './read-settings.ts'
import { makeRuntimeConfigMap } from './runtime-config-map.ts'
import { makeScaledJob } from './scaled-job.ts'
import { makeScaledObject } from './scaled-object.ts'
import { makeServiceAccount, namesServiceAccount } from './service-account.ts'
import { makeStatefulSet } from './stateful-set.ts'
import { makeScalerConfigMap, makeTriggerAuthentication } from './trigger-authentication.ts'
import type { Warning } from './warning.ts'

/** What should be there for an actor. */
export interface Desired {
  /** All but replicas, in the order in which it is applied. */
  readonly objects: readonly KubeObject[]
  /**
   * Of the workload, its replicas alone, for a field manager of their own: else they would fall back to
   * 1 at the moment when KEDA takes them over. Undefined while they are KEDA's, and of a job.
   */
  readonly replicas: DesiredReplicas | undefined
  readonly warnings: readonly Warning[]
}

interface DesiredReplicas {
  /** The workload, with nothing but its replicas. */
  readonly object: KubeObject
  /** More of them are fine: the queue should decide, and nobody is there to ask it. */
  readonly isMinimum: boolean
}

/** Pure: the same actor on the same platform is the same objects, to the byte. */
export function desireObjects(actor: StoredActor, platform: Platform): Desired {
  const settings = readSettings(actor, platform)
  const isScaled = platform.hasKeda && settings.scaling.enabled
  const needsAuthentication = isScaled && settings.scaling.authenticationRef === undefined
  return {
    objects: [
      ...(namesServiceAccount(settings) ? [] : [makeServiceAccount(settings)]),
      ...(settings.workload.isPython ? [makeRuntimeConfigMap(settings, platform)] : []),
      ...(needsAuthentication
        ? [makeScalerConfigMap(settings), makeTriggerAuthentication(settings)]
        : []),
      ...makeWorkload(settings, platform, isScaled),
      ...(platform.hasNetworkPolicies ? [makeNetworkPolicy(settings, platform)] : []),
    ],
    replicas: isScaled ? undefined : makeReplicas(settings),
    warnings: [...warnOfPod(settings, platform), ...(isScaled ? warnOfScaling(settings) : [])],
  }
}

/** What runs, and what scales it. */
function makeWorkload(
  settings: Settings,
  platform: Platform,
  isScaled: boolean,
): readonly KubeObject[] {
  const template = makePodTemplate(settings, platform)
  const scalers = isScaled ? [makeScaledObject(settings)] : []
  switch (settings.workload.type) {
    case 'Deployment':
      return [makeDeployment(settings, template), ...scalers]
    case 'StatefulSet':
      return [makeStatefulSet(settings, template), ...scalers]
    case 'Job':
      return [isScaled ? makeScaledJob(settings, template) : makeJob(settings, template)]
  }
}

function makeReplicas(settings: Settings): DesiredReplicas | undefined {
  const { name, namespace, scaling, workload } = settings
  if (workload.type === 'Job') return undefined
  return {
    isMinimum: scaling.enabled || workload.replicas === undefined,
    object: {
      apiVersion: 'apps/v1',
      kind: workload.type,
      metadata: { name, namespace },
      spec: { replicas: workload.replicas ?? 1 },
    },
  }
}

function warnOfScaling({ scaling, workload }: Settings): readonly Warning[] {
  if (scaling.protocol !== 'amqp') return []
  const isSafe = scaling.minReplicas > 0 || workload.type === 'Job'
  const what = 'spec.scaling.protocol is amqp: KEDA counts only the messages that wait'
  const message = isSafe
    ? what
    : `${what}, and takes the last replica ${scaling.cooldownPeriod} s after them`
  return [{ reason: 'CountsReadyOnly', message: `${message}; http counts those in progress too` }]
}
