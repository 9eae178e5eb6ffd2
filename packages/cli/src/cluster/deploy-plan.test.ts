import {
  ASYNC_ACTORS,
  createKubeClient,
  type KubeClient,
  type KubeObject,
} from '@asya/operator/kube'
import { FakeApiServer, readAsyncActorDefinition } from '@asya/operator/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { formatPlan } from '../view/deploy-text.ts'
import { paintNothing } from '../view/paint.ts'
import { makeRelease, planDeploy } from './deploy-plan.ts'
import { DEPLOYER, PAUSER, SCALER } from './field-owners.ts'
import { PROJECT_LABEL } from './resource-files.ts'

let server: FakeApiServer
let client: KubeClient
let namespace: string
let made = 0

beforeAll(async () => {
  server = await FakeApiServer.start({ definitions: [readAsyncActorDefinition()] })
  client = createKubeClient(server.kubeConfig(), { userAgent: 'asya-tests' })
})

afterAll(async () => {
  client.close()
  await server.close()
})

beforeEach(async () => {
  namespace = `plan-${String(made++)}`
  const namespaces = {
    apiVersion: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    isNamespaced: false,
  }
  await client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
})

function make(name: string, { scaling, image = 'a:1' }: { scaling?: object; image?: string } = {}) {
  const template = { spec: { containers: [{ name: 'runtime', image }] } }
  return {
    apiVersion: 'asya.io/v1alpha1',
    kind: 'AsyncActor',
    metadata: { name, namespace, labels: { [PROJECT_LABEL]: 'triage' } },
    spec: { queueName: name, ...(scaling && { scaling }), workload: { template } },
  }
}

const put = (object: KubeObject, manager: string) => client.apply(ASYNC_ACTORS, object, { manager })

/** As `asya scale` and `asya pause` do. */
function putSpec(name: string, spec: object, manager: string) {
  const { apiVersion, kind } = ASYNC_ACTORS
  return put({ apiVersion, kind, metadata: { name, namespace }, spec }, manager)
}

async function show(
  wanted: readonly KubeObject[],
  isOverriding = false,
): Promise<readonly string[]> {
  return formatPlan(await planDeploy(wanted, { client, isOverriding }), false, paintNothing)
}

test('What is new, what changes, and what is as it should be.', async () => {
  await put(make('changed'), DEPLOYER)
  await put(make('same'), DEPLOYER)
  const wanted = [make('changed', { image: 'a:2' }), make('new'), make('same')]
  expect(await show(wanted)).toEqual([
    `~ changed  in ${namespace}`,
    '    spec.workload.template.spec.containers[runtime].image: a:1 → a:2',
    `+ new  in ${namespace}, a:1`,
    '3 actors: 1 to create, 1 to change, 1 as they are',
  ])
  expect(await client.get(ASYNC_ACTORS, { namespace, name: 'new' })).toBeUndefined()
})

test('A field that the project does not set any more goes back to its default.', async () => {
  await put(make('a', { scaling: { maxReplicas: 9 } }), DEPLOYER)
  expect(await show([make('a')])).toContain('    spec.scaling.maxReplicas: 9 → 50')
})

test('What others have set is overridden, and they are named.', async () => {
  await put(make('a', { scaling: { maxReplicas: 9 } }), DEPLOYER)
  await putSpec('a', { scaling: { maxReplicas: 30 } }, 'somebody')
  expect(await show([make('a', { scaling: { maxReplicas: 9 } })])).toContain(
    '    spec.scaling.maxReplicas: 30 → 9  (overrides somebody)',
  )
})

test('What asya scale and asya pause have set stays, and is told each time.', async () => {
  const wanted = make('a', { scaling: { minReplicas: 1, maxReplicas: 9 } })
  await put(wanted, DEPLOYER)
  await putSpec('a', { scaling: { maxReplicas: 20 } }, SCALER)
  await putSpec('a', { scaling: { paused: true } }, PAUSER)
  const plan = await planDeploy([wanted], { client, isOverriding: false })
  expect(formatPlan(plan, false, paintNothing)).toEqual([
    `= a  in ${namespace}`,
    '    spec.scaling.maxReplicas stays 20, set by asya scale, not 9 as the project says: --override takes it back',
    '    spec.scaling.paused stays true, set by asya pause: asya resume a ends it',
    '1 actor: 1 as they are',
  ])
  await put(plan.actors[0]?.object ?? wanted, DEPLOYER)
  const after = await client.get(ASYNC_ACTORS, { namespace, name: 'a' })
  expect(after?.['spec']).toMatchObject({
    scaling: { minReplicas: 1, maxReplicas: 20, paused: true },
  })
})

test('A project that says the opposite of a pause does not end it.', async () => {
  const wanted = make('a', { scaling: { paused: false } })
  await put(wanted, DEPLOYER)
  await putSpec('a', { scaling: { paused: true } }, PAUSER)
  for (const isOverriding of [false, true])
    expect(await show([wanted], isOverriding)).toContain(
      '    spec.scaling.paused stays true, set by asya pause, not false as the project says: asya resume a ends it',
    )
})

test('--override takes back all that asya scale has set, and shows that before it does.', async () => {
  const wanted = make('a', { scaling: { maxReplicas: 9 } })
  await put(wanted, DEPLOYER)
  const spec = { scaling: { enabled: false, maxReplicas: 20 }, workload: { replicas: 3 } }
  await putSpec('a', spec, SCALER)
  const plan = await planDeploy([wanted], { client, isOverriding: true })
  expect(formatPlan(plan, false, paintNothing).slice(1)).toEqual([
    '    spec.scaling.enabled: false → true  (overrides asya-cli-scale)',
    '    spec.scaling.maxReplicas: 20 → 9  (overrides asya-cli-scale)',
    '    spec.workload.replicas: 3 → removed  (overrides asya-cli-scale)',
    '1 actor: 1 to change',
  ])
  const [planned] = plan.actors
  expect(planned?.isReleasing).toBe(true)
  await put(planned?.object ?? wanted, DEPLOYER)
  await put(makeRelease(wanted), SCALER)
  expect(await show([wanted], true)).toEqual(['1 actor: 1 as they are'])
})

test('What somebody else has made becomes ours once.', async () => {
  await put(make('a'), 'somebody')
  expect(await show([make('a')])).toContain(
    `~ a  in ${namespace}, as it is: from now on its fields are asya's`,
  )
  await put(make('a'), DEPLOYER)
  expect(await show([make('a')])).toEqual(['1 actor: 1 as they are'])
})

test('Only what we deployed from the same project is stale.', async () => {
  await put(make('gone'), DEPLOYER)
  await put(make('theirs'), 'somebody')
  const other = make('other')
  await put(
    { ...other, metadata: { ...other.metadata, labels: { [PROJECT_LABEL]: 'x' } } },
    DEPLOYER,
  )
  const plan = await planDeploy([make('a')], { client, isOverriding: false })
  expect(plan.stale.map(({ name }) => name)).toEqual(['gone'])
  expect(formatPlan(plan, true, paintNothing)).toContain(
    '- gone  is deleted: it is not in the project any more',
  )
  expect(formatPlan(plan, false, paintNothing)).toContain(
    '! gone  stays, though it is not in the project any more: --prune deletes it',
  )
})

test('All that the API server refuses is told at once.', async () => {
  const bad = make('bad', { scaling: { minReplicas: 5, maxReplicas: 2 } })
  const lost = { ...make('lost'), metadata: { name: 'lost', namespace: 'nowhere' } }
  const { refused } = await planDeploy([bad, lost, make('good')], { client, isOverriding: false })
  expect(refused.map(({ name }) => name)).toEqual(['bad', 'lost'])
  expect(refused[0]?.message).toMatch(/minReplicas/)
  expect(refused[1]?.message).toContain('there is no namespace "nowhere"')
})
