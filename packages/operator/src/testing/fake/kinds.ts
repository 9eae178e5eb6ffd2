import type { Resource } from '../../kube/kube-object.ts'
import * as resources from '../../kube/resources.ts'
import { ResourceCheck, type Schema } from '../resource-check.ts'
import { ANY, BUILT_IN_SHAPES, makeCustomShape, type MergeSchema, type Shape } from './shape.ts'

/** A kind as the fake serves it. */
export interface Kind {
  readonly resource: Resource
  readonly shape: Shape
  /** Whether its status is written apart from the rest. */
  readonly hasStatus: boolean
  /** Whether changes of what it should be are counted. */
  readonly hasGeneration: boolean
  /** Of a kind that a CRD defines. */
  readonly custom: { readonly schema: Schema; readonly check: ResourceCheck } | undefined
  /** As messages have it: `deployments.apps`, `Deployment.apps`. */
  readonly qualifiedPlural: string
  readonly qualifiedKind: string
}

export const NAMESPACES: Resource = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  isNamespaced: false,
}

export const DEFINITIONS: Resource = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  isNamespaced: false,
}

const { CONFIG_MAPS, DEPLOYMENTS, EVENTS, JOBS, LEASES, NETWORK_POLICIES } = resources
const { PODS, SERVICE_ACCOUNTS, STATEFUL_SETS } = resources

const WITH_STATUS = new Set([DEPLOYMENTS, STATEFUL_SETS, JOBS, PODS, NAMESPACES, DEFINITIONS])
const WITH_GENERATION = new Set([DEPLOYMENTS, STATEFUL_SETS, JOBS, NETWORK_POLICIES, DEFINITIONS])

export const BUILT_IN_KINDS: readonly Kind[] = [
  NAMESPACES,
  DEFINITIONS,
  CONFIG_MAPS,
  DEPLOYMENTS,
  EVENTS,
  JOBS,
  LEASES,
  NETWORK_POLICIES,
  PODS,
  SERVICE_ACCOUNTS,
  STATEFUL_SETS,
].map((resource) => ({
  resource,
  shape: BUILT_IN_SHAPES[resource.kind] ?? ANY,
  hasStatus: WITH_STATUS.has(resource),
  hasGeneration: WITH_GENERATION.has(resource),
  custom: undefined,
  ...qualify(resource),
}))

function qualify({ apiVersion, plural, kind }: Resource) {
  const [group = ''] = apiVersion.includes('/') ? apiVersion.split('/') : []
  // The core group has no name, and its kinds stand alone.
  const suffix = group === '' ? '' : `.${group}`
  return { qualifiedPlural: plural + suffix, qualifiedKind: kind + suffix }
}

/** As much of a CustomResourceDefinition as is looked at here. */
export interface Definition {
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly names: { readonly kind: string; readonly plural: string }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly subresources?: { readonly status?: object }
      readonly schema?: { readonly openAPIV3Schema?: Schema & MergeSchema }
    }[]
  }
}

/** The kinds that a CRD defines: one for each version that is served. */
export function readDefinition({ spec }: Definition): readonly Kind[] {
  const { group, names, scope, versions } = spec
  return versions
    .filter(({ served }) => served)
    .map(({ name, subresources, schema }) => {
      const read = schema?.openAPIV3Schema ?? {}
      const resource: Resource = {
        apiVersion: `${group}/${name}`,
        kind: names.kind,
        plural: names.plural,
        isNamespaced: scope === 'Namespaced',
      }
      return {
        resource,
        shape: makeCustomShape(read),
        hasStatus: subresources?.status !== undefined,
        hasGeneration: true,
        custom: { schema: read, check: new ResourceCheck(read) },
        ...qualify(resource),
      }
    })
}
