import { readdirSync, readFileSync } from 'node:fs'
import type { Platform, StoredActor } from '@asya/operator/desired'
import { parse } from 'yaml'
import { readExamples } from '../crd/read-examples.ts'
import { readResourceCheck } from '../crd/read-resource-check.ts'

const ACTORS = new URL('actors/', import.meta.url)

/** A cluster with all that the operator can use. */
export const platform: Platform = {
  rabbitmq: {
    host: 'rabbitmq.asya.svc',
    username: 'asya',
    passwordSecretRef: { name: 'asya-rabbitmq', key: 'password' },
  },
  sidecar: {
    image: 'asya-sidecar:0.1.0',
    resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } },
  },
  gateway: {
    url: 'http://asya-gateway.asya.svc:8081',
    tokenSecretRef: { name: 'asya-sidecars', key: 'token' },
  },
  hasKeda: true,
  hasNativeSidecars: true,
  // The one that is mounted is long, and its own to be tested.
  pythonRuntime: '# What serves the handlers of Python.\n',
  hasNetworkPolicies: true,
}

export interface Case {
  /** `hello/greet`: a folder and the name of the actor. */
  readonly name: string
  /** As somebody applied it. */
  readonly written: StoredActor
  /** As the API server keeps it, with the defaults of the CRD. */
  readonly stored: StoredActor
}

/** The actors of all examples as they are built, and some that people would write. */
export function readCases(): readonly Case[] {
  const check = readResourceCheck()
  const byHand = readdirSync(ACTORS).map((file) => {
    const actor = parse(readFileSync(new URL(file, ACTORS), 'utf8')) as object
    return [`by-hand/${file.replace('.yaml', '')}`, actor] as const
  })
  return [...readExamples(), ...byHand].map(([name, resource]) => {
    const written = addServerFields(resource)
    const stored = structuredClone(written)
    const problems = check.find(stored)
    if (problems.length > 0) throw new Error(`${name}: ${problems.join('\n')}`)
    return { name, written, stored }
  })
}

function addServerFields(resource: object): StoredActor {
  const actor = resource as StoredActor
  const uid = '00000000-0000-4000-8000-000000000000'
  return { ...actor, metadata: { ...actor.metadata, namespace: 'default', uid } }
}
