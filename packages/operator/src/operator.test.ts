import { describe, vi } from 'vitest'
import { createKubeClient, loadKubeConfig, type KubeClient, type KubeObject } from './kube/index.ts'
import { readAsyncActorDefinition } from './testing/async-actor-definition.ts'
import { describeOperator, type TestCluster } from './testing/conformance/describe-operator.ts'
import { FakeApiServer } from './testing/fake/fake-api-server.ts'
import { FakeControllers } from './testing/fake-controllers.ts'
import { KEDA_DEFINITIONS } from './testing/keda-definitions.ts'

/** A kubeconfig of a cluster with the CRDs of Asya and KEDA, in which namespaces may be made. */
const kubeConfigPath = process.env['ASYA_TEST_KUBECONFIG']

async function openRealCluster(): Promise<TestCluster> {
  vi.stubEnv('KUBECONFIG', kubeConfigPath)
  const kubeConfig = loadKubeConfig()
  return openCluster(() => createKubeClient(kubeConfig, { userAgent: 'asya-tests' }))
}

async function openFakeCluster(): Promise<TestCluster> {
  const definitions = [readAsyncActorDefinition(), ...KEDA_DEFINITIONS]
  const server = await FakeApiServer.start({ definitions })
  const openClient = () => createKubeClient(server.kubeConfig(), { userAgent: 'asya-tests' })
  const controllers = FakeControllers.start(openClient())
  const cluster = openCluster(openClient)
  return {
    ...cluster,
    close: async () => {
      await cluster.close()
      await controllers.close()
      await server.close()
    },
  }
}

function openCluster(openClient: () => KubeClient): TestCluster {
  const client = openClient()
  const namespaces = {
    apiVersion: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    isNamespaced: false,
  }
  const made: string[] = []
  return {
    openClient,
    createNamespace: async () => {
      const name = `asya-test-${String(process.pid)}-${String(made.length)}`
      made.push(name)
      const object: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
      await client.create(namespaces, object)
      return name
    },
    close: async () => {
      for (const name of made) await client.remove(namespaces, { namespace: '', name })
      client.close()
    },
  }
}

describe.runIf(kubeConfigPath)('On a real cluster', () => {
  describeOperator('an operator', openRealCluster)
})

describe('On the fake', () => {
  describeOperator('an operator', openFakeCluster)
})
