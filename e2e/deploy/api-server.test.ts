import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { CHILD_RESOURCES } from '@asya/operator/desired'
import { startRealApiServer, type RealApiServer } from '@asya/operator/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  CONFIGURATIONS,
  hasKubectl,
  parseAll,
  renderKustomize,
  ROOT,
  type Manifest,
} from './render.ts'

/**
 * What a real API server says of what is installed. KUBEBUILDER_ASSETS names the folder that has one;
 * ASYA_TEST_CRDS one with more CRDs, such as KEDA's.
 */

const assetsDir = process.env['KUBEBUILDER_ASSETS'] ?? ''
const crdsDir = process.env['ASYA_TEST_CRDS']
const SYSTEM = 'asya-system'
const OPERATOR = `system:serviceaccount:${SYSTEM}:asya-operator`

/** Kinds of programs that the cluster may not have. */
const OF_OTHERS = /^(?:monitoring\.coreos\.com|keda\.sh)\//

if (assetsDir === '')
  console.warn('KUBEBUILDER_ASSETS is not set: no API server judges the manifests')

describe.runIf(assetsDir !== '' && hasKubectl)('A real API server', { timeout: 60_000 }, () => {
  let server: RealApiServer | undefined

  beforeAll(async () => {
    server = await startRealApiServer(assetsDir)
    await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM } })
    await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-a' } })
    const folders = [`${ROOT}deploy/crd`, ...(crdsDir === undefined ? [] : [crdsDir])]
    for (const folder of folders)
      for (const file of readdirSync(folder))
        for (const manifest of readCrds(`${folder}/${file}`)) await create(manifest)
    await waitForPath('/apis/asya.io/v1alpha1/asyncactors')
  }, 120_000)

  afterAll(() => server?.close())

  const send: RealApiServer['send'] = (...args) => {
    if (server === undefined) throw new Error('the API server has not been started')
    return server.send(...args)
  }

  async function waitForPath(path: string): Promise<void> {
    for (let left = 100; left > 0; left -= 1) {
      if ((await send('GET', path)).status === 200) return
      await setTimeout(100)
    }
    throw new Error(`${path} is not served`)
  }

  /** Undefined where the server does not know the kind. */
  async function findPath({ apiVersion, kind, metadata }: Manifest): Promise<string | undefined> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const { body } = await send('GET', root)
    const { resources = [] } = body as { resources?: readonly ApiResource[] }
    const found = resources.find((one) => one.kind === kind && !one.name.includes('/'))
    if (!found) return undefined
    const { namespace = SYSTEM } = metadata
    return found.namespaced
      ? `${root}/namespaces/${namespace}/${found.name}`
      : `${root}/${found.name}`
  }

  async function create(manifest: Manifest, query = ''): Promise<void> {
    const path = await findPath(manifest)
    if (path === undefined) {
      expect(manifest.apiVersion, `${manifest.kind} is a kind`).toMatch(OF_OTHERS)
      return
    }
    const { status, body } = await send('POST', `${path}?fieldValidation=Strict${query}`, {
      body: manifest,
    })
    if (body['reason'] === 'AlreadyExists') return
    expect(status, `${manifest.kind} ${manifest.metadata.name}: ${String(body['message'])}`).toBe(
      201,
    )
  }

  const folders = [
    ...CONFIGURATIONS.map(({ kustomize }) => kustomize),
    'watched-namespace',
    '../../e2e/deploy/hardened',
  ]
  test.each(folders)('takes each object of %s, and knows all of its fields.', async (folder) => {
    for (const manifest of renderKustomize(folder)) await create(manifest, '&dryRun=All')
  })

  describe('lets the operator', () => {
    beforeAll(async () => {
      for (const manifest of renderKustomize('minimal'))
        if (/Role|ServiceAccount/.test(manifest.kind)) await create(manifest)
    })

    /** `resource` is `group:plural/subresource`. */
    async function may(
      verb: string,
      resource: string,
      namespace: string,
      name = '',
    ): Promise<boolean> {
      const [group, plural, subresource] = resource.split(/[:/]/)
      const { body } = await send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: OPERATOR,
            groups: ['system:authenticated', 'system:serviceaccounts'],
            resourceAttributes: { verb, group, resource: plural, subresource, namespace, name },
          },
        },
      })
      return (body as { status: { allowed: boolean } }).status.allowed
    }

    const children = CHILD_RESOURCES.map(({ apiVersion, plural }) =>
      apiVersion.includes('/') ? `${apiVersion.split('/')[0]}:${plural}` : `:${plural}`,
    )
    test.each([
      ...children.map(
        (child) => [child, ['get', 'list', 'watch', 'create', 'patch', 'delete']] as const,
      ),
      ['asya.io:asyncactors', ['get', 'list', 'watch']] as const,
      ['asya.io:asyncactors/status', ['patch']] as const,
      ['asya.io:asyncactors/finalizers', ['update']] as const,
      [':pods', ['get', 'list', 'watch']] as const,
      ['events.k8s.io:events', ['create', 'patch']] as const,
    ])('do what it does with %s, in every namespace.', async (resource, verbs) => {
      for (const verb of verbs)
        expect([verb, await may(verb, resource, 'team-a')]).toEqual([verb, true])
    })

    test('hold its own lease, and no other.', async () => {
      for (const verb of ['get', 'update'])
        expect(await may(verb, 'coordination.k8s.io:leases', SYSTEM, 'asya-operator')).toBe(true)
      expect(await may('create', 'coordination.k8s.io:leases', SYSTEM)).toBe(true)
      expect(await may('update', 'coordination.k8s.io:leases', SYSTEM, 'another')).toBe(false)
      expect(await may('update', 'coordination.k8s.io:leases', 'team-a', 'asya-operator')).toBe(
        false,
      )
    })

    test.each([
      [':secrets', ['get', 'list', 'watch', 'create']],
      [':pods', ['create', 'delete']],
      [':pods/exec', ['create']],
      ['asya.io:asyncactors', ['create', 'update', 'patch', 'delete']],
      ['rbac.authorization.k8s.io:roles', ['get', 'create', 'bind', 'escalate']],
      ['autoscaling:horizontalpodautoscalers', ['get', 'create']],
      [':serviceaccounts/token', ['create']],
    ] as const)('have nothing else of %s.', async (resource, verbs) => {
      for (const verb of verbs)
        for (const namespace of ['team-a', SYSTEM])
          expect([verb, await may(verb, resource, namespace)]).toEqual([verb, false])
    })
  })
})

interface ApiResource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
}

function readCrds(path: string): readonly Manifest[] {
  if (!path.endsWith('.yaml')) return []
  return parseAll(readFileSync(path, 'utf8')).filter(
    ({ kind }) => kind === 'CustomResourceDefinition',
  )
}
