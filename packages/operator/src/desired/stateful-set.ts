import type { KubeObject } from '../kube/kube-object.ts'
import { ACTOR_LABEL, makeChild } from './child.ts'
import type { Fields } from '../kube/fields.ts'
import type { Settings } from './read-settings.ts'

/** Without replicas, as a Deployment. */
export function makeStatefulSet(settings: Settings, template: Fields): KubeObject {
  const spec = {
    selector: { matchLabels: { [ACTOR_LABEL]: settings.name } },
    // Nobody connects to an actor, so that there is no such Service; the field is required.
    serviceName: settings.name,
    // Each takes messages by itself: none waits for another.
    podManagementPolicy: 'Parallel',
    template,
  }
  const { name } = settings
  return makeChild(settings, { apiVersion: 'apps/v1', kind: 'StatefulSet', name, body: { spec } })
}
