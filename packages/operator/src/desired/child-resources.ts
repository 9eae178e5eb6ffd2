import type { Resource } from '../kube/kube-object.ts'
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  JOBS,
  NETWORK_POLICIES,
  SCALED_JOBS,
  SCALED_OBJECTS,
  SERVICE_ACCOUNTS,
  STATEFUL_SETS,
  TRIGGER_AUTHENTICATIONS,
} from '../kube/resources.ts'

/** Every kind that an actor may have as a child: what the operator watches and prunes. */
export const CHILD_RESOURCES: readonly Resource[] = [
  SERVICE_ACCOUNTS,
  CONFIG_MAPS,
  TRIGGER_AUTHENTICATIONS,
  DEPLOYMENTS,
  STATEFUL_SETS,
  JOBS,
  SCALED_OBJECTS,
  SCALED_JOBS,
  NETWORK_POLICIES,
]
