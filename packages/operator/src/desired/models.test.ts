import { ScaledJob } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledJob'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { expect, test } from 'vitest'
import { desireObjects } from './desire-objects.ts'
import { makeActor, makeWorkload, platform } from './testing/make-actor.ts'

/** A class for each kind, which checks an object by its schema. */
const MODELS: Readonly<Record<string, new (object: never) => { validate(): void }>> = {
  ConfigMap,
  Deployment,
  Job,
  NetworkPolicy,
  ScaledJob,
  ScaledObject,
  ServiceAccount,
  StatefulSet,
  TriggerAuthentication,
}

test.each([
  ['Deployment', true],
  ['Deployment', false],
  ['StatefulSet', true],
  ['Job', true],
  ['Job', false],
] as const)('Every object of a %s fits its schema; with KEDA: %s.', (type, hasKeda) => {
  const gateway = {
    url: 'http://gateway.asya.svc',
    tokenSecretRef: { name: 'gateway', key: 'token' },
  }
  const on = { ...platform, gateway, hasKeda, hasNetworkPolicies: true }
  const fallback = type === 'Job' ? {} : { fallback: { replicas: 1 } }
  const workload = makeWorkload({ type, runtime: 'Python' })
  const { objects } = desireObjects(makeActor({ workload, scaling: fallback }), on)
  for (const object of objects) {
    const Model = MODELS[object.kind]
    if (Model === undefined) throw new Error(`no model of ${object.kind}`)
    expect(() => {
      new Model(object as never).validate()
    }, object.kind).not.toThrow()
  }
})
