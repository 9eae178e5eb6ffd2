import { expect } from 'vitest'
import type { KubeError } from '../../kube/errors.ts'
import { CONFIG_MAPS, DEPLOYMENTS, STATEFUL_SETS } from '../../kube/resources.ts'
import { makeObject, pick, type Harness, type Laws } from './harness.ts'

const labels = { app: 'a' }

function workload(pod: object, spec: object = {}) {
  const containers = [{ name: 'runtime', image: 'a' }]
  return {
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, ...pod } },
      ...spec,
    },
  }
}

async function refuse(harness: Harness, members: object): Promise<KubeError> {
  const object = makeObject(DEPLOYMENTS, 'echo', members)(harness)
  const applying = harness.client.apply(DEPLOYMENTS, object, { manager: 'me' })
  return (await applying.catch((error: unknown) => error)) as KubeError
}

export const refusingLaws: Laws = {
  'A pod that cannot be is refused with the place and the reason.': async (harness) => {
    const mount = [{ name: 'nowhere', mountPath: '/a' }]
    const cases: [object, string][] = [
      [{ containers: [] }, 'spec.template.spec.containers: Required value'],
      [{ containers: [{ name: 'runtime' }] }, 'spec.template.spec.containers[0].image: Required'],
      [{ containers: [{ name: 'A b', image: 'a' }] }, 'spec.template.spec.containers[0].name'],
      [
        { containers: [{ name: 'runtime', image: 'a', volumeMounts: mount }] },
        'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "nowhere"',
      ],
    ]
    for (const [pod, says] of cases) {
      const error = await refuse(harness, workload(pod))
      expect(error).toMatchObject({ code: 'invalid', status: 422, reason: 'Invalid' })
      expect(error.message).toContain(says)
      expect(error.message).toContain('Deployment.apps "echo" is invalid')
    }
  },

  'A variable that comes twice, or a list that is none, is refused for good.': async (harness) => {
    const withRuntime = (members: object): object =>
      workload({ containers: [{ name: 'runtime', image: 'a', ...members }] })
    const twice = withRuntime({ env: [{ name: 'A' }, { name: 'B' }, { name: 'A' }] })
    const error = await refuse(harness, twice)
    expect(error).toMatchObject({ code: 'invalid', next: 'change', status: 500 })
    expect(error.message).toContain('.env: duplicate entries for key [name="A"]')
    expect(await refuse(harness, withRuntime({ env: 'A' }))).toMatchObject({ code: 'invalid' })
  },

  'A selector fits the pods, and never changes.': async (harness) => {
    const unfit = await refuse(harness, workload({}, { selector: { matchLabels: { b: 'c' } } }))
    expect(unfit.message).toContain('`selector` does not match template `labels`')
    const object = makeObject(DEPLOYMENTS, 'echo', workload({}))(harness)
    await harness.client.apply(DEPLOYMENTS, object, { manager: 'me' })
    const template = {
      metadata: { labels: { b: 'c' } },
      spec: pick(object, 'spec', 'template', 'spec'),
    }
    const changed = { selector: { matchLabels: { b: 'c' } }, template }
    const error = await refuse(harness, workload({}, changed))
    expect(error).toMatchObject({ code: 'invalid', status: 422 })
    expect(error.message).toContain('field is immutable')
  },

  'Of a stateful set the template changes, and its name of a service does not.': async (
    harness,
  ) => {
    const set = (image: string, serviceName: string) => {
      const containers = [{ name: 'runtime', image }]
      return makeObject(STATEFUL_SETS, 'echo', workload({ containers }, { serviceName }))(harness)
    }
    const { client } = harness
    const made = await client.apply(STATEFUL_SETS, set('a', 'x'), { manager: 'me' })
    expect(pick(made, 'spec')).toMatchObject({ replicas: 1, podManagementPolicy: 'OrderedReady' })
    const again = await client.apply(STATEFUL_SETS, set('a', 'x'), { manager: 'me' })
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
    await client.apply(STATEFUL_SETS, set('b', 'x'), { manager: 'me' })
    const refused = client.apply(STATEFUL_SETS, set('b', 'y'), { manager: 'me' })
    await expect(refused).rejects.toMatchObject({ code: 'invalid', status: 422 })
  },

  'A name and a label that cannot be are refused.': async (harness) => {
    const { client } = harness
    for (const members of [
      { metadata: { name: 'A_b' } },
      { metadata: { labels: { a: 'x y' } } },
      { metadata: { labels: { a: 'x'.repeat(64) } } },
    ]) {
      const object = makeObject(CONFIG_MAPS, 'echo', members)(harness)
      const applying = client.apply(CONFIG_MAPS, object, { manager: 'me' })
      await expect(applying).rejects.toMatchObject({ code: 'invalid', status: 422 })
    }
  },
}
