import type { KubeConfig } from '@kubernetes/client-node'
import { createKubeClient } from '../kube/kube-client.ts'
import { ASYNC_ACTORS, SCALED_OBJECTS } from '../kube/resources.ts'
import { readAsyncActorDefinition } from './async-actor-definition.ts'
import { FakeApiServer } from './fake/fake-api-server.ts'
import { KEDA_DEFINITIONS } from './keda-definitions.ts'
import { startRealApiServer, type RealApiServer } from './real-api-server.ts'

export interface OpenApiServer {
  readonly kubeConfig: KubeConfig
  readonly isReal: boolean
  close(): Promise<void>
}

/** An API server that serves AsyncActors and KEDA's kinds: a real one of the programs in a folder. */
export async function openApiServer(assetsDir = ''): Promise<OpenApiServer> {
  const definitions = [readAsyncActorDefinition(), ...KEDA_DEFINITIONS]
  if (assetsDir === '') {
    const fake = await FakeApiServer.start({ definitions })
    return { kubeConfig: fake.kubeConfig(), isReal: false, close: () => fake.close() }
  }
  const real = await startRealApiServer(assetsDir)
  await define(real, definitions)
  return { kubeConfig: real.kubeConfig, isReal: true, close: () => real.close() }
}

async function define(server: RealApiServer, definitions: readonly object[]): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  for (const body of definitions) await server.send('POST', path, { body })
  const client = createKubeClient(server.kubeConfig, { userAgent: 'asya-tests' })
  for (const { apiVersion, kind } of [ASYNC_ACTORS, SCALED_OBJECTS]) {
    while (!(await client.hasKind(apiVersion, kind))) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  client.close()
}
