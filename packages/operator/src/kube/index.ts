export {
  createKubeClient,
  type ApplyOptions,
  type ClientOptions,
  type KubeClient,
  type ListOptions,
  type ObjectList,
  type RemoveOptions,
  type ServerVersion,
  type WatchOptions,
} from './kube-client.ts'
export { KubeError, type KubeErrorCode, type NextStep } from './errors.ts'
export type { KubeObject, ObjectKey, ObjectMeta, OwnerReference, Resource } from './kube-object.ts'
export { loadKubeConfig } from './load-kube-config.ts'
export { joinKey, ObjectStore, readKey, splitKey, type Index } from './object-store.ts'
export {
  Reflector,
  type ReflectorOptions,
  type ReflectorState,
  type ReflectorTiming,
} from './reflector.ts'
export {
  ASYNC_ACTORS,
  CONFIG_MAPS,
  DEPLOYMENTS,
  EVENTS,
  JOBS,
  LEASES,
  NETWORK_POLICIES,
  PODS,
  SCALED_JOBS,
  SCALED_OBJECTS,
  SERVICE_ACCOUNTS,
  STATEFUL_SETS,
  TRIGGER_AUTHENTICATIONS,
} from './resources.ts'
export type { WatchEvent } from './watch.ts'
