import type { ObjectKey, Resource } from './kube-object.ts'

/** Where the objects of a kind are: of one namespace, or of all (and kinds without namespaces). */
export function makeCollectionPath(resource: Resource, namespace?: string): string {
  const { apiVersion, plural, isNamespaced } = resource
  const within =
    isNamespaced && namespace !== undefined ? `namespaces/${encodeURIComponent(namespace)}/` : ''
  return `${makeGroupPath(apiVersion)}/${within}${plural}`
}

export function makeObjectPath(resource: Resource, { namespace, name }: ObjectKey): string {
  return `${makeCollectionPath(resource, namespace)}/${encodeURIComponent(name)}`
}

/** `/api/v1` for the core group, else `/apis/group/version`. */
export function makeGroupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

/** With those values that there are. */
export function makeQuery(values: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === ''
      ? []
      : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
