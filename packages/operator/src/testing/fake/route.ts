/** What a URL of the API server means. */
export type Route =
  | { readonly type: 'version' | 'health' | 'groups' }
  /** Which kinds a group has. */
  | { readonly type: 'kinds'; readonly apiVersion: string }
  | {
      readonly type: 'objects'
      readonly apiVersion: string
      readonly plural: string
      /** Undefined: of all namespaces, or of a kind without. */
      readonly namespace: string | undefined
      /** Undefined: all of them. */
      readonly name: string | undefined
      readonly subresource: string | undefined
    }

/** Undefined for a path that the API server does not have. */
export function parseRoute(path: string): Route | undefined {
  if (path === '/version') return { type: 'version' }
  if (['/healthz', '/readyz', '/livez'].includes(path)) return { type: 'health' }
  if (path === '/apis') return { type: 'groups' }
  const parts = path.split('/').slice(1).map(decodeURIComponent)
  const [root, ...rest] = parts
  if (root === 'api') return parseGroup(rest[0], rest.slice(1))
  if (root === 'apis' && rest.length > 1)
    return parseGroup(`${rest[0] ?? ''}/${rest[1] ?? ''}`, rest.slice(2))
  return undefined
}

function parseGroup(apiVersion: string | undefined, rest: readonly string[]): Route | undefined {
  if (apiVersion === undefined) return undefined
  const [first, second, third] = rest
  if (first === undefined) return { type: 'kinds', apiVersion }
  // `namespaces/a` is a namespace, `namespaces/a/pods` what stands in it.
  const isWithin = first === 'namespaces' && third !== undefined && third !== 'status'
  const [plural, name, subresource] = isWithin ? rest.slice(2) : rest
  if (plural === undefined) return undefined
  const namespace = isWithin ? second : undefined
  return { type: 'objects', apiVersion, plural, namespace, name, subresource }
}
