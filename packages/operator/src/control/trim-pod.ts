import type { KubeObject } from '../kube/kube-object.ts'

/** Of a pod, what says how it is: there may be many, and their specs are long. */
export function trimPod(pod: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, deletionTimestamp } = pod.metadata
  const status = pod['status']
  const { conditions, containerStatuses, initContainerStatuses } =
    typeof status === 'object' && status !== null
      ? (status as Readonly<Record<string, unknown>>)
      : {}
  return {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(labels !== undefined && { labels }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
    status: { conditions, containerStatuses, initContainerStatuses },
  }
}
