import type { ServerResponse } from 'node:http'
import { isFields } from '../../kube/fields.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import type { Cluster } from './cluster.ts'
import type { Kind } from './kinds.ts'
import { parseSelector } from './label-selector.ts'
import { parseRoute, type Route } from './route.ts'
import { badRequest, makeStatus, notFound, StatusError } from './status.ts'
import type { Row } from './table.ts'
import { WatchStream, type Mischief } from './watch-stream.ts'
import type { DeleteOptions, Patch, Writer, Writing, Written } from './writer.ts'

/** One request. */
export interface Ask {
  readonly method: string
  readonly url: URL
  readonly body: unknown
  readonly contentType: string
  readonly userAgent: string
  readonly mischief: Mischief | undefined
}

export type Answer =
  | { readonly type: 'json'; readonly status: number; readonly text: string }
  | { readonly type: 'stream'; readonly start: (response: ServerResponse) => void }

interface Parts {
  readonly cluster: Cluster
  readonly writer: Writer
  readonly minor: number
  readonly bookmarkMs: number
}

/** Throws StatusErrors. */
export function handle(parts: Parts, ask: Ask): Answer {
  const route = parseRoute(ask.url.pathname)
  if (route === undefined) throw noSuchPath()
  switch (route.type) {
    case 'version':
      return json({ major: '1', minor: String(parts.minor), gitVersion: `v1.${parts.minor}.0` })
    case 'health':
      return { type: 'json', status: 200, text: 'ok' }
    case 'groups':
      return json(listGroups(parts.cluster))
    case 'kinds':
      return json(listKinds(parts.cluster, route.apiVersion))
    case 'objects':
      return handleObjects(parts, ask, route)
  }
}

type ObjectsRoute = Extract<Route, { type: 'objects' }>

function handleObjects(parts: Parts, ask: Ask, route: ObjectsRoute): Answer {
  const { cluster, writer } = parts
  const kind = cluster.findKind(route.apiVersion, route.plural)
  if (kind === undefined) throw noSuchPath()
  if (route.name === undefined) {
    if (ask.method === 'GET')
      return isWatch(ask) ? watch(parts, ask, { kind, route }) : list(parts, ask, { kind, route })
    if (ask.method !== 'POST') throw new StatusError(405, 'MethodNotAllowed', 'not allowed')
    return written(writer.create(readWriting(ask, { kind, route }), readObject(ask)))
  }
  const key = { namespace: route.namespace ?? '', name: route.name }
  if (route.subresource === 'scale') return scale(parts, ask, { kind, route })
  const writing = readWriting(ask, { kind, route })
  switch (ask.method) {
    case 'GET': {
      const found = cluster.get(kind, key)
      if (found === undefined) throw notFound(kind, key.name)
      return json(found)
    }
    case 'PUT':
      return written(writer.replace(writing, key, readObject(ask)))
    case 'PATCH':
      return written(writer.patch(writing, key, readPatch(ask)))
    case 'DELETE': {
      const left = writer.remove(writing, key, Object(ask.body) as DeleteOptions)
      return json(left ?? makeStatus('Success', { details: { name: key.name } }))
    }
    default:
      throw new StatusError(405, 'MethodNotAllowed', `${ask.method} is not allowed`)
  }
}

interface Target {
  readonly kind: Kind
  readonly route: ObjectsRoute
}

function readWriting({ url, userAgent, contentType }: Ask, { kind, route }: Target): Writing {
  const query = url.searchParams
  const manager = query.get('fieldManager') ?? ''
  const isForced = query.get('force') === 'true'
  if (contentType === APPLY && manager === '')
    throw new StatusError(
      422,
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
  if (route.subresource !== undefined && (route.subresource !== 'status' || !kind.hasStatus))
    throw noSuchPath()
  return {
    kind,
    namespace: route.namespace ?? '',
    manager: manager || (userAgent.split('/')[0] ?? ''),
    subresource: route.subresource === 'status' ? 'status' : undefined,
    isDryRun: query.get('dryRun') === 'All',
    isForced,
    isStrict: query.get('fieldValidation') === 'Strict',
  }
}

const APPLY = 'application/apply-patch+yaml'

function readPatch(ask: Ask): Patch {
  switch (ask.contentType) {
    case APPLY:
      return { type: 'apply', body: readObject(ask) }
    case 'application/merge-patch+json':
      return { type: 'merge', body: ask.body }
    case 'application/strategic-merge-patch+json':
      return { type: 'strategic', body: ask.body }
    default:
      throw new StatusError(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - ${ask.contentType}`,
      )
  }
}

function readObject({ body }: Ask): KubeObject {
  if (!isFields(body) || !isFields(body['metadata'] ?? {})) throw badRequest('no object was sent')
  return { metadata: {}, ...body } as unknown as KubeObject
}

function isWatch({ url }: Ask): boolean {
  return ['true', '1'].includes(url.searchParams.get('watch') ?? '')
}

function makeFilter(ask: Ask, { route }: Target): (row: Row) => boolean {
  const hasLabels = parseSelector(ask.url.searchParams.get('labelSelector') ?? '')
  const { namespace } = route
  return (row) => (namespace === undefined || row.namespace === namespace) && hasLabels(row.labels)
}

function list({ cluster }: Parts, ask: Ask, target: Target): Answer {
  const query = ask.url.searchParams
  const page = cluster.table(target.kind).list(makeFilter(ask, target), {
    limit: Number(query.get('limit') ?? 0),
    token: query.get('continue') ?? undefined,
    version: cluster.version,
  })
  const { apiVersion, kind } = target.kind.resource
  const metadata = {
    resourceVersion: String(page.version),
    ...(page.continueToken !== undefined && {
      continue: page.continueToken,
      remainingItemCount: page.left,
    }),
  }
  const head = JSON.stringify({ apiVersion, kind: `${kind}List`, metadata })
  // The objects are text already.
  const items = page.rows.map(({ text }) => text).join(',')
  return { type: 'json', status: 200, text: `${head.slice(0, -1)},"items":[${items}]}` }
}

const LONGEST_WATCH_S = 1_800

function watch({ cluster, bookmarkMs }: Parts, ask: Ask, target: Target): Answer {
  const query = ask.url.searchParams
  const from = query.get('resourceVersion') ?? ''
  const isFromStart = from === '' || from === '0'
  return {
    type: 'stream',
    start: (response) => {
      new WatchStream(response, {
        kind: target.kind,
        table: cluster.table(target.kind),
        version: () => cluster.version,
        isWanted: makeFilter(ask, target),
        from: isFromStart ? undefined : Number(from),
        timeoutMs: Number(query.get('timeoutSeconds') ?? LONGEST_WATCH_S) * 1_000,
        bookmarkMs: query.get('allowWatchBookmarks') === 'true' ? bookmarkMs : undefined,
        mischief: ask.mischief,
      }).start()
    },
  }
}

/** How many replicas there are to be, apart from the rest. */
function scale({ cluster, writer }: Parts, ask: Ask, target: Target): Answer {
  const { kind, route } = target
  const key = { namespace: route.namespace ?? '', name: route.name ?? '' }
  const object = cluster.get(kind, key)
  if (object === undefined) throw notFound(kind, key.name)
  if (ask.method === 'GET') return json(makeScale(object))
  const { spec } = Object(ask.body) as { readonly spec?: { readonly replicas?: number } }
  const writing = readWriting(ask, { kind, route: { ...route, subresource: undefined } })
  const body = { spec: { replicas: spec?.replicas ?? 0 } }
  return json(makeScale(writer.patch(writing, key, { type: 'merge', body }).object))
}

function makeScale({ metadata, spec, status }: KubeObject): object {
  const { name, namespace, uid, resourceVersion } = metadata
  const replicas = (value: unknown): unknown => (isFields(value) ? value['replicas'] : undefined)
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion },
    spec: { replicas: replicas(spec) },
    status: { replicas: replicas(status) ?? 0 },
  }
}

function listKinds({ kinds }: Cluster, apiVersion: string): object {
  const found = kinds.filter(({ resource }) => resource.apiVersion === apiVersion)
  if (found.length === 0) throw noSuchPath()
  const resources = found.flatMap(({ resource, hasStatus }) => {
    const { plural, kind, isNamespaced } = resource
    const own = { name: plural, kind, namespaced: isNamespaced, verbs: ['get', 'list', 'watch'] }
    return hasStatus ? [own, { ...own, name: `${plural}/status` }] : [own]
  })
  return { kind: 'APIResourceList', groupVersion: apiVersion, resources }
}

function listGroups({ kinds }: Cluster): object {
  const versions = new Set(kinds.map(({ resource }) => resource.apiVersion))
  const groups = [...versions]
    .filter((groupVersion) => groupVersion.includes('/'))
    .map((groupVersion) => {
      const [name, version] = groupVersion.split('/')
      return { name, versions: [{ groupVersion, version }] }
    })
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

function noSuchPath(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource')
}

function written({ isNew, object }: Written): Answer {
  return json(object, isNew ? 201 : 200)
}

function json(body: object, status = 200): Answer {
  return { type: 'json', status, text: JSON.stringify(body) }
}
