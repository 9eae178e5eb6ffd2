import { startRealApiServer, type Answer, type RealApiServer } from '@asya/operator/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { actor, INVALID, INVALID_CHANGES, VALID } from './cases.ts'
import { readExamples } from './read-examples.ts'
import { readDefinition, readResourceCheck } from './read-resource-check.ts'

/** One table, twice: by the CRD's schema and rules alone, and by an API server where there is one. */

describe('by schema and rules', () => {
  const check = readResourceCheck()
  const copy = (resource: object): object => JSON.parse(JSON.stringify(resource)) as object

  test.each(VALID)('%s', (_, resource) => {
    expect(check.find(copy(resource))).toEqual([])
  })

  test.each(readExamples())(
    'The actor %s of an example is taken as it was built.',
    (_, resource) => {
      expect(check.find(copy(resource))).toEqual([])
    },
  )

  test.each(INVALID)('$law', ({ actor: resource, says }) => {
    expect(check.find(copy(resource)).join('\n')).toContain(says)
  })

  test.each(INVALID_CHANGES)('$law', ({ from, to, says }) => {
    expect(check.find(copy(from))).toEqual([])
    expect(check.find(copy(to), copy(from)).join('\n')).toContain(says)
  })
})

/** Folder of etcd and kube-apiserver, as envtest names it. */
const assetsDir = process.env['KUBEBUILDER_ASSETS'] ?? ''

const ACTORS = '/apis/asya.io/v1alpha1/namespaces/default/asyncactors'

describe.skipIf(assetsDir === '')('by an API server', () => {
  let server: RealApiServer

  beforeAll(async () => {
    server = await startRealApiServer(assetsDir)
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const made = await server.send('POST', definitions, { body: readDefinition() })
    expect(made.status, say(made)).toBe(201)
    await waitUntilServed(server)
  }, 120_000)

  test.each(readExamples())(
    'The actor %s of an example is taken as it was built.',
    async (_, resource) => {
      const answer = await server.send('POST', `${ACTORS}?dryRun=All&fieldValidation=Strict`, {
        body: resource,
      })
      expect(answer.status, say(answer)).toBe(201)
    },
  )

  afterAll(async () => {
    await server.close()
  }, 60_000)

  test.each(VALID)('%s', async (_, resource) => {
    const answer = await server.send('POST', `${ACTORS}?dryRun=All&fieldValidation=Strict`, {
      body: resource,
    })
    expect(answer.status, say(answer)).toBe(201)
  })

  test.each(INVALID)('$law', async ({ actor: resource, says }) => {
    const answer = await server.send('POST', `${ACTORS}?dryRun=All&fieldValidation=Strict`, {
      body: resource,
    })
    // 400 where a field is unknown, before anything else is looked at.
    expect([400, 422]).toContain(answer.status)
    expect(say(answer)).toContain(says)
  })

  test.each(INVALID_CHANGES)('$law', async ({ from, to, says }) => {
    const made = await server.send('POST', ACTORS, { body: from })
    expect(made.status, say(made)).toBe(201)
    const { spec } = to as { readonly spec: object }
    const answer = await server.send('PATCH', `${ACTORS}/read-page`, {
      body: { spec },
      type: 'application/merge-patch+json',
    })
    expect(answer.status).toBe(422)
    expect(say(answer)).toContain(says)
    const gone = await server.send('DELETE', `${ACTORS}/read-page`)
    expect(gone.status).toBe(200)
  })

  test('What is left out has the default that the type names.', async () => {
    const { body } = await server.send('POST', `${ACTORS}?dryRun=All`, { body: actor({}) })
    expect(body['spec']).toMatchObject({
      concurrency: 1,
      socket: { path: '/tmp/sockets/app.sock', maxSize: 10_485_760 },
      timeout: { processing: 300, gracefulShutdown: 30 },
      scaling: {
        enabled: true,
        paused: false,
        protocol: 'http',
        minReplicas: 0,
        maxReplicas: 50,
        pollingInterval: 10,
        cooldownPeriod: 60,
        queueLength: 5,
      },
      workload: { type: 'Deployment' },
    })
    // Left out, it stays what it is.
    expect(body['spec']).not.toHaveProperty('workload.replicas')
    expect(body['spec']).not.toHaveProperty('transport')
    expect(body['spec']).not.toHaveProperty('retry')
  })

  test("Fields of a pod that the CRD does not list are kept, and the status is the operator's.", async () => {
    const pod = {
      containers: [{ name: 'runtime', image: 'a', livenessProbe: { periodSeconds: 5 } }],
      priorityClassName: 'high',
    }
    const resource = {
      ...actor({ workload: { template: { spec: pod } } }),
      status: { replicas: 3 },
    }
    const { body } = await server.send('POST', `${ACTORS}?dryRun=All`, { body: resource })
    expect(body['spec']).toMatchObject({ workload: { template: { spec: pod } } })
    expect(body).not.toHaveProperty('status')
  })
})

function say({ body }: Answer): string {
  return JSON.stringify(body['message'] ?? body).replaceAll(String.raw`\"`, '"')
}

async function waitUntilServed(server: RealApiServer): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await server.send('GET', ACTORS)).status).toBe(200)
    },
    { timeout: 30_000, interval: 100 },
  )
}
