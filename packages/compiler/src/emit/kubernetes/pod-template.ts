import {
  escapeReferences,
  type Container,
  type EnvironmentVariable,
  type PodTemplate,
} from '@asya/protocol'
import type { ActorModel } from '../../model/model.ts'
import type {
  EnvironmentValue,
  ProjectSettings,
  ResourceSettings,
  Toleration,
} from '../../model/settings.ts'
import { nameImage } from './image-name.ts'

/** Of a GPU, where its author does not say what the cluster calls it. */
const DEFAULT_GPU_RESOURCE = 'nvidia.com/gpu'

/**
 * The pod with the container of the runtime; the operator adds the sidecar, the socket and the
 * variables that both must agree on. Which module is the handler
 * stands in the image; or here, if it is in Python.
 */
export function makePodTemplate(actor: ActorModel, project: ProjectSettings): PodTemplate {
  const { env, resources, nodeSelector, tolerations } = actor.settings
  const container: Container = {
    name: 'runtime',
    image: nameImage(actor, project),
    ...makeEnvironment(actor, env),
    ...makeResources(resources ?? {}),
  }
  return {
    spec: {
      containers: [container],
      ...(nodeSelector &&
        Object.keys(nodeSelector).length > 0 && { nodeSelector: sort(nodeSelector) }),
      ...(tolerations && tolerations.length > 0 && { tolerations: tolerations.map(toToleration) }),
    },
  }
}

/** By its handler the operator knows that an actor is in Python, and starts Asya's runtime for it. */
function makeEnvironment(
  { kind, python = '' }: ActorModel,
  env: Readonly<Record<string, EnvironmentValue>> = {},
): Partial<Pick<Container, 'env'>> {
  const own = kind === 'python' ? [{ name: 'ASYA_HANDLER', value: python }] : []
  const all = [...own, ...makeEnv(env)]
  return all.length > 0 ? { env: all } : {}
}

/** The variables of a container, in order of their names. */
export function makeEnv(
  env: Readonly<Record<string, EnvironmentValue>>,
): readonly EnvironmentVariable[] {
  return Object.entries(sort(env)).map(([name, value]) => {
    if ('value' in value) return { name, value: escapeReferences(value.value) }
    const { key } = value
    return 'secret' in value
      ? { name, valueFrom: { secretKeyRef: { name: value.secret, key } } }
      : { name, valueFrom: { configMapKeyRef: { name: value.configMap, key } } }
  })
}

/** Amounts by the name of the resource. */
type Quantities = Readonly<Record<string, string | number>>
// No interface: as a part of a container it must count as plain data.
type Resources = { readonly requests?: Quantities; readonly limits?: Quantities }

/**
 * CPUs are what it is given at least, and may be exceeded while they are idle: a limit would only slow
 * it down. Memory that it is given is also its limit, so that no neighbour is killed for it.
 */
export function makeResources(settings: ResourceSettings): { resources: Resources } | undefined {
  const { cpu, memory, gpu = 0, gpuResource = DEFAULT_GPU_RESOURCE } = settings
  const requests = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
  // Kubernetes takes a device's limit for its request.
  const limits = { ...(memory !== undefined && { memory }), ...(gpu > 0 && { [gpuResource]: gpu }) }
  const resources = {
    ...(Object.keys(requests).length > 0 && { requests }),
    ...(Object.keys(limits).length > 0 && { limits }),
  }
  return Object.keys(resources).length > 0 ? { resources } : undefined
}

function toToleration({
  key,
  operator,
  value,
  effect,
}: Toleration): Readonly<Record<string, string>> {
  return {
    ...(key !== undefined && { key }),
    ...(operator !== undefined && { operator }),
    ...(value !== undefined && { value }),
    ...(effect !== undefined && { effect }),
  }
}

function sort<T>(members: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)))
}
