import { describe } from 'vitest'
import { ASYNC_ACTORS } from '../kube/resources.ts'
import { createKubeClient } from '../kube/kube-client.ts'
import { readAsyncActorDefinition } from './async-actor-definition.ts'
import { describeApiServer, type TestServer } from './conformance.ts'
import { FakeApiServer } from './fake/fake-api-server.ts'
import { startRealApiServer, type RealApiServer } from './real-api-server.ts'

describeApiServer('the fake', async () => {
  const fake = await FakeApiServer.start({ definitions: [readAsyncActorDefinition()] })
  return {
    kubeConfig: fake.kubeConfig(),
    hasCollector: true,
    forget: async () => fake.compact(),
    close: () => fake.close(),
  }
})

/** Folder of etcd and kube-apiserver, as envtest names it; GC only with kube-controller-manager. */
const assetsDir = process.env['KUBEBUILDER_ASSETS'] ?? ''

describe.skipIf(assetsDir === '')('where there is one', () => {
  describeApiServer('a kube-apiserver', async (): Promise<TestServer> => {
    const server = await startRealApiServer(assetsDir)
    await define(server)
    const hasCollector = server.startControllers(['garbage-collector-controller'])
    const { kubeConfig, forget, close } = server
    return { kubeConfig, hasCollector, forget, close }
  })
})

async function define({ send, kubeConfig }: RealApiServer): Promise<void> {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  await send('POST', definitions, { body: readAsyncActorDefinition() })
  const client = createKubeClient(kubeConfig, { userAgent: 'asya-tests' })
  const end = Date.now() + 30_000
  while (!(await client.hasKind(ASYNC_ACTORS.apiVersion, ASYNC_ACTORS.kind))) {
    if (Date.now() > end) throw new Error('the API server does not serve AsyncActors')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  client.close()
}
