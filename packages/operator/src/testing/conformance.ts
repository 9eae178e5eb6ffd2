import { afterAll, beforeAll, describe, it } from 'vitest'
import type { KubeConfig } from '@kubernetes/client-node'
import { createKubeClient, type KubeClient } from '../kube/kube-client.ts'
import { applyingLaws } from './conformance/applying.ts'
import { customResourceLaws } from './conformance/custom-resources.ts'
import { deletingLaws } from './conformance/deleting.ts'
import type { Laws } from './conformance/harness.ts'
import { leaseAndEventLaws } from './conformance/leases-and-events.ts'
import { refusingLaws } from './conformance/refusing.ts'
import { watchingLaws } from './conformance/watching.ts'
import { RawSender } from './raw-sender.ts'

/** An API server that has the CRD of AsyncActors. */
export interface TestServer {
  readonly kubeConfig: KubeConfig
  readonly hasCollector: boolean
  /** What happened to leases until now is forgotten. */
  forget(): Promise<void>
  close(): Promise<void>
}

const CHAPTERS: Readonly<Record<string, Laws>> = {
  applying: applyingLaws,
  'custom resources': customResourceLaws,
  'refusing what cannot be': refusingLaws,
  'watching and listing': watchingLaws,
  deleting: deletingLaws,
  'leases, events and others': leaseAndEventLaws,
}

const LAW_TIMEOUT_MS = 90_000
const START_TIMEOUT_MS = 180_000

/**
 * Registers the laws of an API server, as far as the operator relies on them. The fake obeys them
 * only as far as the real one does: run both.
 */
export function describeApiServer(name: string, open: () => Promise<TestServer>): void {
  describe(`${name} obeys the laws of an API server`, () => {
    let server: TestServer
    let client: KubeClient
    let sender: RawSender
    let count = 0
    beforeAll(async () => {
      server = await open()
      client = createKubeClient(server.kubeConfig, { userAgent: 'asya-tests/1' })
      sender = new RawSender(server.kubeConfig)
    }, START_TIMEOUT_MS)
    afterAll(async () => {
      client.close()
      sender.close()
      await server.close()
    }, START_TIMEOUT_MS)

    async function makeNamespace(): Promise<string> {
      count += 1
      const namespace = `law-${count}-${crypto.randomUUID().slice(0, 8)}`
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
      await sender.send('POST', '/api/v1/namespaces', { body })
      return namespace
    }

    for (const [chapter, laws] of Object.entries(CHAPTERS)) {
      describe(chapter, () => {
        for (const [law, prove] of Object.entries(laws)) {
          it(law, { timeout: LAW_TIMEOUT_MS }, async () => {
            const namespace = await makeNamespace()
            const { hasCollector } = server
            const send: RawSender['send'] = (...sent) => sender.send(...sent)
            const forget = (): Promise<void> => server.forget()
            await prove({ client, send, namespace, forget, hasCollector })
          })
        }
      })
    }
  })
}
