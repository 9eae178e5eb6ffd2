import type { KubeObject } from '../kube/kube-object.ts'
import { makeChild } from './child.ts'
import type { Fields } from '../kube/fields.ts'
import type { Settings } from './read-settings.ts'
import { makePauseAnnotation, makeTrigger } from './trigger.ts'

/** Time for the first replica to start, and to declare its queue. */
const FIRST_COOLDOWN_S = 60

/** Up by as many as there are or by 4, down by half, every 15 s. */
const BEHAVIOR: Fields = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 15 },
      { type: 'Pods', value: 4, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 60,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 50, periodSeconds: 15 }],
  },
}

export function makeScaledObject(settings: Settings): KubeObject {
  const { name, scaling, workload } = settings
  const { minReplicas, maxReplicas, pollingInterval, cooldownPeriod, fallback } = scaling
  return makeChild(settings, {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    name,
    annotations: makePauseAnnotation(settings),
    body: {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: workload.type, name },
        // Both are of the way to 0 and back; KEDA warns of them where nothing ever sleeps.
        ...(minReplicas === 0 && { pollingInterval, cooldownPeriod }),
        // The first replica declares the queue: KEDA cannot count one that is not there.
        initialCooldownPeriod: Math.max(cooldownPeriod, FIRST_COOLDOWN_S),
        minReplicaCount: minReplicas,
        maxReplicaCount: maxReplicas,
        ...(fallback && { fallback: makeFallback(fallback) }),
        advanced: { horizontalPodAutoscalerConfig: { behavior: BEHAVIOR } },
        triggers: [makeTrigger(settings)],
      },
    },
  })
}

function makeFallback({
  failureThreshold = 3,
  replicas,
  behavior = 'static',
}: NonNullable<Settings['scaling']['fallback']>): Fields {
  return { failureThreshold, replicas, behavior }
}
