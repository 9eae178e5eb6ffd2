import type { Resource } from './kube-object.ts'

/** The kinds that the operator reads or writes. */

export const ASYNC_ACTORS: Resource = define('asya.io/v1alpha1', 'AsyncActor', 'asyncactors')

export const DEPLOYMENTS: Resource = define('apps/v1', 'Deployment', 'deployments')
export const STATEFUL_SETS: Resource = define('apps/v1', 'StatefulSet', 'statefulsets')
export const JOBS: Resource = define('batch/v1', 'Job', 'jobs')
export const CONFIG_MAPS: Resource = define('v1', 'ConfigMap', 'configmaps')
export const SERVICE_ACCOUNTS: Resource = define('v1', 'ServiceAccount', 'serviceaccounts')
export const NETWORK_POLICIES: Resource = define(
  'networking.k8s.io/v1',
  'NetworkPolicy',
  'networkpolicies',
)
export const PODS: Resource = define('v1', 'Pod', 'pods')

export const SCALED_OBJECTS: Resource = define('keda.sh/v1alpha1', 'ScaledObject', 'scaledobjects')
export const SCALED_JOBS: Resource = define('keda.sh/v1alpha1', 'ScaledJob', 'scaledjobs')
export const TRIGGER_AUTHENTICATIONS: Resource = define(
  'keda.sh/v1alpha1',
  'TriggerAuthentication',
  'triggerauthentications',
)

export const LEASES: Resource = define('coordination.k8s.io/v1', 'Lease', 'leases')
export const EVENTS: Resource = define('events.k8s.io/v1', 'Event', 'events')

function define(apiVersion: string, kind: string, plural: string): Resource {
  return { apiVersion, kind, plural, isNamespaced: true }
}
