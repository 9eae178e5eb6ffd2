import { createHash } from 'node:crypto'
import { ASYNC_ACTOR_API_VERSION } from '@asya/protocol'
import type { KubeObject } from '../kube/kube-object.ts'
import type { Fields } from '../kube/fields.ts'
import type { Settings } from './read-settings.ts'

export const ACTOR_LABEL = 'asya.io/actor'
export const HASH_ANNOTATION = 'asya.io/desired-hash'

/** By these the operator finds what it made. */
export function childLabels(name: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/managed-by': 'asya-operator', [ACTOR_LABEL]: name }
}

export interface Child {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly annotations?: Readonly<Record<string, string>>
  /** `spec`, or what else such an object holds. */
  readonly body: Fields
}

/** An object that is the actor's: it goes when the actor goes. */
export function makeChild(settings: Settings, child: Child): KubeObject {
  const { apiVersion, kind, name, annotations = {}, body } = child
  const metadata = {
    name,
    namespace: settings.namespace,
    labels: childLabels(settings.name),
    annotations,
    ownerReferences: [
      {
        apiVersion: ASYNC_ACTOR_API_VERSION,
        kind: 'AsyncActor',
        name: settings.name,
        uid: settings.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  }
  const hash = hashOf({ apiVersion, kind, metadata, ...body })
  const marked = { ...metadata, annotations: { ...annotations, [HASH_ANNOTATION]: hash } }
  return { apiVersion, kind, metadata: marked, ...body }
}

/** Tells contents apart; short enough for a name. */
export function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 10)
}
