import type { KubeObject } from '../kube/kube-object.ts'
import { makeChild } from './child.ts'
import type { Fields } from '../kube/fields.ts'
import type { Settings } from './read-settings.ts'
import { makePauseAnnotation, makeTrigger } from './trigger.ts'

export function makeScaledJob(settings: Settings, template: Fields): KubeObject {
  const { minReplicas, maxReplicas, pollingInterval, protocol } = settings.scaling
  return makeChild(settings, {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledJob',
    name: settings.name,
    annotations: makePauseAnnotation(settings),
    body: {
      spec: {
        pollingInterval,
        minReplicaCount: minReplicas,
        maxReplicaCount: maxReplicas,
        successfulJobsHistoryLimit: 5,
        failedJobsHistoryLimit: 5,
        // Jobs that run finish their messages with the template they began with.
        rollout: { strategy: 'gradual', propagationPolicy: 'foreground' },
        // Over http a message in progress is counted, and its job to be taken off; over amqp it is not.
        scalingStrategy: { strategy: protocol === 'amqp' ? 'accurate' : 'default' },
        jobTargetRef: { template },
        triggers: [makeTrigger(settings)],
      },
    },
  })
}
