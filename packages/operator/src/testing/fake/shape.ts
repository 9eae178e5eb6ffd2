/**
 * How values are merged by server-side apply, as much as our kinds need it. What is not named here
 * is merged member by member if it is an object, and replaced whole if it is a list.
 * Source: the markers `listType`, `listMapKey` and `mapType` of the Kubernetes API.
 */
export type Shape =
  | { readonly type: 'members'; readonly members?: Members; readonly rest?: Shape }
  | {
      /** A list whose items are known by some of their members. */
      readonly type: 'keyed'
      readonly keys: readonly string[]
      /** Of keys that may be left out. */
      readonly defaults?: Readonly<Record<string, unknown>>
      readonly items: Shape
    }
  | { readonly type: 'set' }
  | { readonly type: 'atomic' }

type Members = Readonly<Record<string, Shape>>

const ATOMIC: Shape = { type: 'atomic' }
export const ANY: Shape = { type: 'members' }

function members(shapes: Members, rest?: Shape): Shape {
  return { type: 'members', members: shapes, ...(rest && { rest }) }
}

function keyed(keys: readonly string[], items: Shape = ANY): Shape {
  return { type: 'keyed', keys, items }
}

const METADATA = members({
  ownerReferences: keyed(['uid'], ATOMIC),
  finalizers: { type: 'set' },
})

const ENV = keyed(
  ['name'],
  members({
    valueFrom: members({
      configMapKeyRef: ATOMIC,
      secretKeyRef: ATOMIC,
      fieldRef: ATOMIC,
      resourceFieldRef: ATOMIC,
    }),
  }),
)

const CONTAINER = members({
  env: ENV,
  ports: {
    type: 'keyed',
    keys: ['containerPort', 'protocol'],
    defaults: { protocol: 'TCP' },
    items: ANY,
  },
  volumeMounts: keyed(['mountPath']),
  volumeDevices: keyed(['devicePath']),
  resources: members({ claims: keyed(['name']) }),
})

const POD_SPEC = members({
  containers: keyed(['name'], CONTAINER),
  initContainers: keyed(['name'], CONTAINER),
  ephemeralContainers: keyed(['name'], CONTAINER),
  volumes: keyed(['name']),
  imagePullSecrets: keyed(['name'], ATOMIC),
  hostAliases: keyed(['ip']),
  topologySpreadConstraints: keyed(
    ['topologyKey', 'whenUnsatisfiable'],
    members({ labelSelector: ATOMIC }),
  ),
  nodeSelector: ATOMIC,
})

const TEMPLATE = members({ metadata: METADATA, spec: POD_SPEC })

const CONDITIONS = members({ conditions: keyed(['type']) })

function object(shapes: Members = {}): Shape {
  return members({ metadata: METADATA, status: CONDITIONS, ...shapes })
}

/** Of the kinds that are built in. */
export const BUILT_IN_SHAPES: Readonly<Record<string, Shape>> = {
  ConfigMap: object(),
  Event: object({ regarding: ATOMIC, related: ATOMIC }),
  Deployment: object({ spec: members({ selector: ATOMIC, template: TEMPLATE }) }),
  StatefulSet: object({ spec: members({ selector: ATOMIC, template: TEMPLATE }) }),
  Job: object({ spec: members({ selector: ATOMIC, template: TEMPLATE }) }),
  Lease: object(),
  Namespace: object(),
  NetworkPolicy: object({ spec: members({ podSelector: ATOMIC }) }),
  Pod: object({ spec: POD_SPEC }),
  ServiceAccount: object({ secrets: keyed(['name']) }),
}

/** As much of a CRD's schema as says how values are merged. */
export interface MergeSchema {
  readonly properties?: Readonly<Record<string, MergeSchema>>
  readonly additionalProperties?: MergeSchema | boolean
  readonly items?: MergeSchema
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: string
}

/** Of a kind that a CRD defines. */
export function makeCustomShape(schema: MergeSchema): Shape {
  const shape = readShape(schema)
  return shape.type === 'members'
    ? { ...shape, members: { ...shape.members, metadata: METADATA } }
    : shape
}

function readShape(schema: MergeSchema): Shape {
  if (schema['x-kubernetes-map-type'] === 'atomic') return ATOMIC
  if (schema['x-kubernetes-list-type'] === 'set') return { type: 'set' }
  const { items, properties, additionalProperties } = schema
  if (schema['x-kubernetes-list-type'] === 'map')
    return keyed(schema['x-kubernetes-list-map-keys'] ?? [], readShape(items ?? {}))
  if (items !== undefined) return ATOMIC
  const below = Object.entries(properties ?? {}).map(
    ([name, member]) => [name, readShape(member)] as const,
  )
  const rest =
    typeof additionalProperties === 'object' ? readShape(additionalProperties) : undefined
  return members(Object.fromEntries(below), rest)
}

export function shapeOfMember(shape: Shape, name: string): Shape {
  if (shape.type !== 'members') return ATOMIC
  const known = shape.members ?? {}
  return (Object.hasOwn(known, name) ? known[name] : shape.rest) ?? ANY
}

/** By what an item of a list is known: `k:{"name":"a"}`, or `v:"a"` in a set. */
export function nameItem(shape: Shape & { type: 'keyed' | 'set' }, item: unknown): string {
  if (shape.type === 'set') return `v:${JSON.stringify(item)}`
  const { keys, defaults = {} } = shape
  const values = Object(item) as Readonly<Record<string, unknown>>
  const pairs = keys.toSorted().flatMap((key) => {
    const value = values[key] ?? defaults[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  return `k:${JSON.stringify(Object.fromEntries(pairs))}`
}
