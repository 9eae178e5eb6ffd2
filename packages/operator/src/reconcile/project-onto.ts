import { isFields } from '../kube/fields.ts'
import type { KubeObject } from '../kube/kube-object.ts'

/**
 * What the API server holds of the fields that we want, and of nothing else: with it, what others
 * added (defaults, status, a `restartedAt`) is no difference, and what they changed or took is one.
 * Texts come out alike only if all is as wanted.
 */
export function projectOnto(wanted: KubeObject, held: KubeObject): string {
  return JSON.stringify(project(wanted, held))
}

function project(wanted: unknown, held: unknown): unknown {
  if (Array.isArray(wanted)) return projectList(wanted, held)
  if (!isFields(wanted)) return held
  if (!isFields(held)) return held
  const names = Object.keys(wanted)
  return Object.fromEntries(names.map((name) => [name, project(wanted[name], held[name])]))
}

function projectList(wanted: readonly unknown[], held: unknown): unknown {
  if (!Array.isArray(held) || wanted.length === 0) return held
  const key = MERGE_KEYS.find((name) => wanted.every((item) => isFields(item) && name in item))
  // A list without a key is one value: all of it is ours.
  if (key === undefined && held.length !== wanted.length) return held
  if (key === undefined) return wanted.map((item, index) => project(item, held[index]))
  return wanted.map((item) => {
    const id = isFields(item) ? item[key] : undefined
    return project(
      item,
      held.find((other) => isFields(other) && other[key] === id),
    )
  })
}

/**
 * By which lists of Kubernetes are merged, in the order in which they are looked for: an owner has a
 * name too, and a port may have none.
 */
const MERGE_KEYS = ['uid', 'mountPath', 'containerPort', 'name', 'type', 'topologyKey', 'ip']
