import type { KubeObject } from '../kube/kube-object.ts'
import { ACTOR_LABEL, makeChild } from './child.ts'
import type { Fields } from '../kube/fields.ts'
import type { Platform } from './platform.ts'
import { OPS_PORT } from './pod-environment.ts'
import type { Settings } from './read-settings.ts'

/**
 * In: the sidecar's health and metrics. Out: names, the broker and the gateway. Policies add up: what a
 * handler needs beyond it, another one allows.
 */
export function makeNetworkPolicy(settings: Settings, { gateway }: Platform): KubeObject {
  const { rabbitmq, name } = settings
  const url = gateway && new URL(gateway.url)
  const egress = [
    { ports: [{ protocol: 'UDP', port: 53 }, { port: 53 }] },
    allow(rabbitmq.host, rabbitmq.port ?? (rabbitmq.tls ? 5_671 : 5_672)),
    ...(url
      ? [allow(url.hostname, Number(url.port) || (url.protocol === 'https:' ? 443 : 80))]
      : []),
  ]
  const spec = {
    podSelector: { matchLabels: { [ACTOR_LABEL]: name } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: [{ port: OPS_PORT }] }],
    egress,
  }
  return makeChild(settings, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    name,
    body: { spec },
  })
}

/** A policy knows pods and not names; of a Service's name it can use the namespace. */
function allow(host: string, port: number): Fields {
  const peer = findPeer(host)
  return { ...(peer && { to: [peer] }), ports: [{ port }] }
}

function findPeer(host: string): Fields | undefined {
  const [service = '', namespace, suffix] = host.split('.')
  if (namespace === undefined) return /^[a-z]/.test(service) ? { podSelector: {} } : undefined
  if (suffix !== 'svc') return undefined
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }
}
