import { expect, test } from 'vitest'
import { findChild, listKinds } from './testing/find-child.ts'
import { makeActor } from './testing/make-actor.ts'

const on = {
  hasNetworkPolicies: true,
  gateway: { url: 'https://gateway.example.com', tokenSecretRef: undefined },
}

test('Only where the platform wants it has an actor a network policy.', () => {
  expect(listKinds(makeActor())).not.toContain('NetworkPolicy')
  expect(listKinds(makeActor(), on)).toContain('NetworkPolicy')
})

test('An actor reaches names, its broker and the gateway, and is reached at the port of its sidecar.', () => {
  expect(findChild('NetworkPolicy', makeActor(), on)['spec']).toEqual({
    podSelector: { matchLabels: { 'asya.io/actor': 'read-page' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: [{ port: 9_090 }] }],
    egress: [
      { ports: [{ protocol: 'UDP', port: 53 }, { port: 53 }] },
      {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'asya' } } }],
        ports: [{ port: 5_672 }],
      },
      { ports: [{ port: 443 }] },
    ],
  })
})

test.each([
  ['rabbitmq', [{ podSelector: {} }]],
  [
    'rabbitmq.asya.svc.cluster.local',
    [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'asya' } } }],
  ],
  ['rabbitmq.example.com', undefined],
  ['10.0.0.5', undefined],
  ['fd00::5', undefined],
])('The broker %s is among %j.', (host, to) => {
  const actor = makeActor({ transport: { rabbitmq: { host, tls: true } } })
  expect(findChild('NetworkPolicy', actor, { ...on, gateway: undefined })['spec']).toMatchObject({
    egress: [{}, { ...(to && { to }), ports: [{ port: 5_671 }] }],
  })
})
