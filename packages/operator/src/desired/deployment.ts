import type { KubeObject } from '../kube/kube-object.ts'
import { ACTOR_LABEL, makeChild } from './child.ts'
import type { Fields } from '../kube/fields.ts'
import type { Settings } from './read-settings.ts'

/** Without replicas: they are KEDA's, or applied by themselves. */
export function makeDeployment(settings: Settings, template: Fields): KubeObject {
  return makeChild(settings, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: settings.name,
    body: { spec: { selector: { matchLabels: { [ACTOR_LABEL]: settings.name } }, template } },
  })
}
