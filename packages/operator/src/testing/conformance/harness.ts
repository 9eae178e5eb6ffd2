import type { Answer, Content } from '../raw-sender.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import type { KubeObject } from '../../kube/kube-object.ts'

/** An API server with the CRD of AsyncActors, fresh or not. */
export interface Harness {
  readonly client: KubeClient
  /** A request as it stands, for what the client has no word for. */
  readonly send: (method: string, path: string, content?: Content) => Promise<Answer>
  /** A namespace of the law's own. */
  readonly namespace: string
  /** What happened to leases until now is forgotten, as etcd does in time. */
  readonly forget: () => Promise<void>
  /** Whether a collector deletes what belongs to nobody any more. */
  readonly hasCollector: boolean
}

/** Laws by their sentences. */
export type Laws = Readonly<Record<string, (harness: Harness) => Promise<void>>>

interface Making {
  readonly apiVersion: string
  readonly kind: string
}

export function makeObject(
  { apiVersion, kind }: Making,
  name: string,
  members: object = {},
): (harness: Harness) => KubeObject {
  return ({ namespace }) => {
    const { metadata = {}, ...rest } = members as { metadata?: object }
    return { apiVersion, kind, metadata: { name, namespace, ...metadata }, ...rest }
  }
}

/** The members of an object that are looked at. */
export function pick(object: KubeObject | undefined, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (Object(at) as Readonly<Record<string, unknown>>)[name],
    object,
  )
}

/** The objects of a list, by what they are called. */
export function listNames(list: unknown): readonly unknown[] {
  return (list as readonly { readonly name: unknown }[]).map(({ name }) => name)
}
