import type { KubeObject } from '../kube/kube-object.ts'
import { hashOf, makeChild } from './child.ts'
import type { Fields } from '../kube/fields.ts'
import type { Settings } from './read-settings.ts'

/** Named by its template, which Kubernetes lets nobody change: another template is another job. */
export function makeJob(settings: Settings, template: Fields): KubeObject {
  return makeChild(settings, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: `${settings.name}-${hashOf(template)}`,
    body: { spec: { parallelism: settings.workload.replicas ?? 1, template } },
  })
}
