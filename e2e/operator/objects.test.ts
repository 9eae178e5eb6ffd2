import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { desireObjects, CHILD_RESOURCES } from '@asya/operator/desired'
import { createKubeClient, type KubeClient, type KubeObject } from '@asya/operator/kube'
import { startRealApiServer, type RealApiServer } from '@asya/operator/testing'
import { format, resolveConfig } from 'prettier'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { platform, readCases } from './read-cases.ts'

/** What the operator makes of actors, kept as files to be read. `vitest -u` makes them anew. */

const GOLDEN = new URL('golden/', import.meta.url)
const cases = readCases()
const LAYOUT = { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false } as const

describe('as files', () => {
  test.each(cases)('The objects of $name are those in its file.', async ({ name, stored }) => {
    const path = new URL(`${name}.yaml`, GOLDEN).pathname
    const { objects, replicas, warnings } = desireObjects(stored, platform)
    const comments = warnings.map(({ reason, message }) => `# ${reason}: ${message}\n`)
    const all = replicas === undefined ? objects : [...objects, replicas.object]
    const documents = all.map((object) => stringify(object, LAYOUT))
    const text = comments.join('') + documents.join('---\n')
    const content = await format(text, { ...(await resolveConfig(path)), filepath: path })
    await expect(content).toMatchFileSnapshot(path)
  })

  test('There is no file of an actor that is not there.', () => {
    const files = readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' })
    const names = files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5))
    expect(names.sort()).toEqual(cases.map(({ name }) => name).sort())
  })

  test.each(cases)(
    '$name is the same without the defaults that the API server fills in.',
    ({ written, stored }) => {
      expect(desireObjects(written, platform)).toEqual(desireObjects(stored, platform))
    },
  )
})

describe('the page that explains them', () => {
  const page = readFileSync(new URL('../../docs/operator-objects.md', import.meta.url), 'utf8')
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text = '']) => parse(text) as KubeObject,
  )

  test('It shows an actor, and every object that is made of it, the first with all its metadata.', () => {
    const [shown, first, ...others] = blocks
    const actor = cases.find(({ name }) => name === 'document-triage/read-page')
    if (shown === undefined || actor === undefined) throw new Error('nothing is shown')
    expect(shown).toEqual({ ...actor.written, metadata: shown.metadata })
    const [made, ...rest] = desireObjects(actor.stored, platform).objects
    expect(first).toEqual(made)
    const nameAlone = rest.map((object) => ({
      ...object,
      metadata: { name: object.metadata.name },
    }))
    expect(others).toEqual(nameAlone)
  })
})

/** Folder of etcd and kube-apiserver, as envtest names it. */
const assetsDir = process.env['KUBEBUILDER_ASSETS'] ?? ''
/** Folder with the CRDs of KEDA; without it, its kinds are left out. */
const kedaDir = process.env['ASYA_KEDA_CRDS'] ?? ''

describe.skipIf(assetsDir === '')('by an API server', () => {
  let server: RealApiServer
  let client: KubeClient

  beforeAll(async () => {
    server = await startRealApiServer(assetsDir)
    client = createKubeClient(server.kubeConfig, { userAgent: 'asya-test' })
    if (existsSync(kedaDir)) await installKeda()
  }, 120_000)

  afterAll(async () => {
    client.close()
    await server.close()
  }, 60_000)

  async function installKeda(): Promise<void> {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    for (const file of readdirSync(kedaDir).filter((name) => name.endsWith('.yaml'))) {
      const definition = parse(readFileSync(`${kedaDir}/${file}`, 'utf8')) as object
      const made = await server.send('POST', path, { body: definition })
      expect(made.status, JSON.stringify(made.body)).toBe(201)
    }
    await vi.waitFor(
      async () => {
        for (const kind of ['ScaledObject', 'ScaledJob', 'TriggerAuthentication'])
          expect(await client.hasKind('keda.sh/v1alpha1', kind)).toBe(true)
      },
      { timeout: 30_000, interval: 200 },
    )
  }

  /** What this server can take. */
  function listObjects(hasKeda: boolean): readonly KubeObject[] {
    const on = { ...platform, hasKeda }
    const all = cases.flatMap(({ stored }) => {
      const { objects, replicas } = desireObjects(stored, on)
      return replicas === undefined ? objects : [...objects, replicas.object]
    })
    return all.filter(({ apiVersion }) => kedaDir !== '' || !apiVersion.startsWith('keda.sh/'))
  }

  function resourceOf({ apiVersion, kind }: KubeObject) {
    const found = CHILD_RESOURCES.find(
      (each) => each.apiVersion === apiVersion && each.kind === kind,
    )
    if (found === undefined) throw new Error(`${kind} is no child`)
    return found
  }

  test.each([true, false])(
    'Every object is taken, without an unknown field; with KEDA: %s.',
    async (hasKeda) => {
      const whole = listObjects(hasKeda).filter(({ metadata }) => metadata.ownerReferences)
      expect(whole.length).toBeGreaterThan(10)
      for (const object of whole) {
        const { apiVersion, plural } = resourceOf(object)
        const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
        const path = `${group}/namespaces/default/${plural}?dryRun=All&fieldValidation=Strict`
        const { status, body } = await server.send('POST', path, { body: object })
        expect(status, `${object.kind} ${object.metadata.name}: ${JSON.stringify(body)}`).toBe(201)
      }
    },
    60_000,
  )

  test.each([true, false])(
    'What is applied again changes nothing; with KEDA: %s.',
    async (hasKeda) => {
      const objects = listObjects(hasKeda)
      const apply = async (object: KubeObject): Promise<unknown> => {
        const manager = object.metadata.ownerReferences ? 'asya-operator' : 'asya-operator-replicas'
        const { metadata } = await client.apply(resourceOf(object), object, { manager })
        return metadata.resourceVersion
      }
      for (const object of objects) await apply(object)
      // The replicas come after their workload, and are of the same object.
      const versions = await Promise.all(objects.map(apply))
      expect(await Promise.all(objects.map(apply))).toEqual(versions)
    },
    60_000,
  )
})
