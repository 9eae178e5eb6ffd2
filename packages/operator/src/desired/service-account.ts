import type { KubeObject } from '../kube/kube-object.ts'
import { makeChild } from './child.ts'
import type { Settings } from './read-settings.ts'

/** Whether the pod has a service account that is not ours to make. */
export function namesServiceAccount({ workload }: Settings): boolean {
  const { serviceAccountName, serviceAccount } = workload.template.spec
  return Boolean(serviceAccountName) || Boolean(serviceAccount)
}

/** Who the pods are: somebody without a token, since no actor asks the API server. */
export function makeServiceAccount(settings: Settings): KubeObject {
  return makeChild(settings, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    name: settings.name,
    body: { automountServiceAccountToken: false },
  })
}
