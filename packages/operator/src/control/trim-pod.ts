import { fieldsOf } from '../kube/fields.ts'
import type { KubeObject } from '../kube/kube-object.ts'

/** Of a pod, what says how it is: there may be many, and their specs are long. */
export function trimPod(pod: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, deletionTimestamp } = pod.metadata
  const { conditions, containerStatuses, initContainerStatuses } = fieldsOf(pod['status'])
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
