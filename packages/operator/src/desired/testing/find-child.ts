import type { KubeObject } from '../../kube/kube-object.ts'
import { desireObjects } from '../desire-objects.ts'
import { fieldsOf, itemsOf, type Fields } from '../../kube/fields.ts'
import type { Platform } from '../platform.ts'
import type { StoredActor } from '../read-settings.ts'
import { platform } from './make-actor.ts'

/** What is made of that kind, by its name; throws when there is none. */
export function findChild(
  kind: string,
  actor: StoredActor,
  on: Partial<Platform> = {},
): KubeObject {
  const { objects } = desireObjects(actor, { ...platform, ...on })
  const found = objects.find((object) => object.kind === kind)
  if (found === undefined) throw new Error(`no ${kind} among ${listKinds(actor, on).join(', ')}`)
  return found
}

export function listKinds(actor: StoredActor, on: Partial<Platform> = {}): readonly string[] {
  return desireObjects(actor, { ...platform, ...on }).objects.map(({ kind }) => kind)
}

export interface Pod {
  readonly metadata: Fields
  readonly spec: Fields
  readonly runtime: Fields
  readonly sidecar: Fields
}

/** The pod of a workload, and its two containers. */
export function readPod(actor: StoredActor, on: Partial<Platform> = {}): Pod {
  const { objects } = desireObjects(actor, { ...platform, ...on })
  const templates = objects.flatMap(({ spec }) => {
    const { template, jobTargetRef } = fieldsOf(spec)
    return itemsOf([template ?? fieldsOf(jobTargetRef)['template']])
  })
  const { metadata, spec } = templates[0] ?? {}
  const pod = fieldsOf(spec)
  const containers = [...itemsOf(pod['initContainers']), ...itemsOf(pod['containers'])]
  const find = (name: string): Fields => fieldsOf(containers.find((each) => each['name'] === name))
  return {
    metadata: fieldsOf(metadata),
    spec: pod,
    runtime: find('runtime'),
    sidecar: find('asya-sidecar'),
  }
}

/** The plain values of a container's variables. */
export function readVariables({ env }: Fields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(itemsOf(env).map(({ name, value }) => [String(name), value] as const))
}
