import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ASYNC_ACTORS, createKubeClient, type KubeClient } from '@asya/operator/kube'
import { FakeApiServer, readAsyncActorDefinition, startRealApiServer } from '@asya/operator/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startCli, type Ended } from '../testing/run-cli.ts'
import { runInProcess } from '../testing/run-in-process.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

// Each process loads the same client.
const compileCache = fileURLToPath(new URL('../../build/compile-cache', import.meta.url))
vi.stubEnv('NODE_COMPILE_CACHE', compileCache)

type KubeConfig = ReturnType<FakeApiServer['kubeConfig']>

interface ApiServer {
  readonly kubeConfig: KubeConfig
  readonly close: () => Promise<void>
}

/** Where kube-apiserver and etcd are. */
const assetsDir = process.env['KUBEBUILDER_ASSETS'] ?? ''

async function startReal(): Promise<ApiServer> {
  const server = await startRealApiServer(assetsDir)
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  await server.send('POST', path, { body: readAsyncActorDefinition() })
  const client = createKubeClient(server.kubeConfig, { userAgent: 'asya-tests' })
  const { apiVersion, kind } = ASYNC_ACTORS
  await vi.waitUntil(() => client.hasKind(apiVersion, kind), { timeout: 30_000 })
  client.close()
  return { kubeConfig: server.kubeConfig, close: () => server.close() }
}

async function startFake(definitions = [readAsyncActorDefinition()]): Promise<ApiServer> {
  const server = await FakeApiServer.start({ definitions })
  return { kubeConfig: server.kubeConfig(), close: () => server.close() }
}

const actor = (name: string, image: string) => `apiVersion: asya.io/v1alpha1
kind: AsyncActor
metadata: {name: ${name}}
spec:
  queueName: ${name}
  scaling: {maxReplicas: 9}
  workload: {template: {spec: {containers: [{name: runtime, image: '${image}'}]}}}
`

const KUSTOMIZATION = `labels:
  - pairs: {app.kubernetes.io/part-of: triage}
`

function describeCommands(name: string, start: () => Promise<ApiServer>): void {
  describe(name, () => {
    let dir: string
    let server: ApiServer
    let client: KubeClient

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'asya-cluster-'))
      server = await start()
      useCluster(dir, server)
      client = createKubeClient(server.kubeConfig, { userAgent: 'asya-tests' })
      const kind = {
        apiVersion: 'v1',
        kind: 'Namespace',
        plural: 'namespaces',
        isNamespaced: false,
      }
      await client.create(kind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } })
    })

    afterAll(async () => {
      client.close()
      await server.close()
      rmSync(dir, { recursive: true, force: true })
    })

    function write(...actors: readonly (readonly [string, string])[]): void {
      const files = actors.map(
        ([actorName, image]) => [actorName, actor(actorName, image)] as const,
      )
      for (const [file, text] of [...files, ['kustomization', KUSTOMIZATION] as const])
        writeFileSync(join(dir, `${file}.yaml`), text)
    }

    const asya = (...args: readonly string[]): Promise<Ended> =>
      runInProcess([...args, '--namespace', 'prod'], dir)

    /** What an operator would say of the newest version. */
    async function sayReady(actorName: string): Promise<void> {
      const key = { namespace: 'prod', name: actorName }
      const { metadata } = (await client.get(ASYNC_ACTORS, key)) ?? { metadata: { generation: 0 } }
      const lastTransitionTime = '2026-01-01T00:00:00Z'
      const ready = { reason: 'Running', message: '1 replica ready', status: 'True' }
      const status = {
        observedGeneration: metadata.generation,
        conditions: [{ type: 'Ready', ...ready, lastTransitionTime }],
        replicas: 1,
        readyReplicas: 1,
      }
      const { apiVersion, kind } = ASYNC_ACTORS
      const object = { apiVersion, kind, metadata: key, status }
      await client.apply(ASYNC_ACTORS, object, { manager: 'operator', subresource: 'status' })
    }

    test('A deploy asks before it changes anything, and says what it would be.', async () => {
      write(['greet', 'greet:1'], ['shout', 'shout:1'])
      const dry = await asya('deploy', '--file', dir, '--dry-run')
      expect(dry).toMatchObject({ code: 0, stderr: '' })
      expect(dry.stdout).toBe(
        '+ greet  in prod, greet:1\n+ shout  in prod, shout:1\n2 actors: 2 to create\n',
      )
      const unasked = await startCli(['deploy', '--file', dir, '-n', 'prod'], dir).ended
      expect(unasked.code).toBe(2)
      expect(unasked.stderr).toContain('there is no terminal to ask at: --yes applies this')
      expect((await client.list(ASYNC_ACTORS, { namespace: 'prod' })).items).toEqual([])
    })

    test('A deploy that nobody carries out ends with 1, and leads to the operator.', async () => {
      const ended = await asya('deploy', '--file', dir, '--yes', '--timeout', '1s')
      expect(ended.code).toBe(1)
      expect(ended.stderr).toContain('… greet  NotSeen')
      expect(ended.stderr).toContain('applied, but not ready within 1.0 s')
      expect(ended.stderr).toContain('is the operator running?')
    })

    test('A deploy ends with 0 when all of it is ready.', async () => {
      const deploy = startCli(['deploy', '-f', dir, '-y', '-n', 'prod', '--timeout', '60s'], dir)
      await vi.waitUntil(() => deploy.output().includes('NotSeen'), { timeout: 60_000 })
      await sayReady('greet')
      await sayReady('shout')
      const ended = await deploy.ended
      expect(ended.code).toBe(0)
      expect(ended.stderr).toContain('✓ greet  Running  1 replica ready')
    })

    test('The status is a table, and JSON for programs.', async () => {
      const table = await asya('status')
      expect(table.stdout).toBe(
        'actor  ready  replicas  min  max  queue  why\n' +
          'greet  yes           1    0    9      –  Running\n' +
          'shout  yes           1    0    9      –  Running\n',
      )
      const json = await asya('status', 'shout', '--output', 'json')
      expect(JSON.parse(json.stdout)).toMatchObject([
        {
          name: 'shout',
          scaling: 'queue',
          replicas: { now: 1, max: 9 },
          queue: { type: 'unknown' },
        },
      ])
      const unknown = await asya('status', 'shot')
      expect(unknown).toMatchObject({ code: 2 })
      expect(unknown.stderr).toContain('there is no actor "shot": did you mean "shout"?')
    })

    test('A status that is watched is told anew when it changes, until it is stopped.', async () => {
      const watching = startCli(['status', 'shout', '--watch', '-n', 'prod'], dir)
      const countTables = (): number => watching.output().split('actor  ready').length - 1
      await vi.waitUntil(() => countTables() === 1, { timeout: 60_000 })
      await asya('scale', 'shout', '--max', '10')
      await vi.waitUntil(() => watching.output().includes(' 10 '), { timeout: 60_000 })
      expect(countTables()).toBe(2)
      watching.kill('SIGINT')
      expect(await watching.ended).toMatchObject({ code: 0, stderr: '' })
      await asya('scale', 'shout', '--max', '9')
    })

    test('A pause and a scale outlive a deploy, and end by resume and --override.', async () => {
      const scaled = await asya('scale', 'greet', '--max', '20')
      expect(scaled.stdout).toContain('spec.scaling.maxReplicas: 9 → 20  (overrides asya-cli)')
      const paused = await asya('pause', 'greet')
      expect(paused.stdout).toContain('spec.scaling.paused: false → true')
      write(['greet', 'greet:2'])
      const deployed = await asya('deploy', '-f', dir, '--yes', '--no-wait')
      expect(deployed.code).toBe(0)
      expect(deployed.stdout).toContain('spec.scaling.maxReplicas stays 20, set by asya scale')
      expect(deployed.stdout).toContain('spec.scaling.paused stays true, set by asya pause')
      const key = { namespace: 'prod', name: 'greet' }
      expect((await client.get(ASYNC_ACTORS, key))?.['spec']).toMatchObject({
        scaling: { maxReplicas: 20, paused: true },
        workload: { template: { spec: { containers: [{ image: 'greet:2' }] } } },
      })
      const explained = await asya('explain', 'greet', '--cluster')
      expect(explained.stdout).toContain('It has 1 replica, of 0 to 20, set by asya scale.')
      expect((await asya('resume', 'greet')).stdout).toContain('spec.scaling.paused: true → false')
      expect((await asya('resume', 'greet')).stdout).toContain('it is not paused')
      const back = await asya('deploy', '-f', dir, '--yes', '--no-wait', '--override')
      expect(back.stdout).toContain('spec.scaling.maxReplicas: 20 → 9')
    })

    test('--prune deletes what the project has no more, and nothing else does.', async () => {
      rmSync(join(dir, 'shout.yaml'))
      const kept = await asya('deploy', '-f', dir, '--yes', '--no-wait')
      expect(kept.stdout).toContain('! shout  stays, though it is not in the project any more')
      const ended = await asya('deploy', '-f', dir, '--yes', '--no-wait', '--prune', '-o', 'json')
      expect(JSON.parse(ended.stdout)).toMatchObject({
        applied: true,
        stale: [{ name: 'shout', action: 'delete' }],
      })
      const { items } = await client.list(ASYNC_ACTORS, { namespace: 'prod' })
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['greet'])
    })
  })
}

function useCluster(dir: string, { kubeConfig }: ApiServer): void {
  const path = join(dir, 'kubeconfig')
  writeFileSync(path, kubeConfig.exportConfig())
  vi.stubEnv('KUBECONFIG', path)
}

describeCommands('On the fake API server', () => startFake())

describe.runIf(assetsDir !== '')('With kube-apiserver', () => {
  describeCommands('On the real API server', startReal)
})

test('A status that is watched outlives an API server that goes away.', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'asya-cluster-'))
  const server = await startFake()
  useCluster(dir, server)
  const watching = startCli(['status', '--watch'], dir)
  await vi.waitUntil(() => watching.output().includes('no actor'), { timeout: 60_000 })
  await server.close()
  await vi.waitUntil(() => watching.output().includes('looked at again'), { timeout: 60_000 })
  watching.kill('SIGTERM')
  expect((await watching.ended).code).toBe(0)
  rmSync(dir, { recursive: true })
})

test('A cluster without AsyncActors, none at all, or another context is told with the way out.', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'asya-cluster-'))
  const server = await startFake([])
  useCluster(dir, server)
  const bare = await runInProcess(['status'], dir)
  expect(bare).toMatchObject({ code: 1 })
  expect(bare.stderr).toContain("install Asya's operator")
  const other = await runInProcess(['status', '--context', 'nope'], dir)
  expect(other).toMatchObject({ code: 2 })
  expect(other.stderr).toContain('the kubeconfig has no context "nope"')
  await server.close()
  const gone = await runInProcess(['status'], dir)
  expect(gone).toMatchObject({ code: 1 })
  expect(gone.stderr).toContain('--context names another')
  rmSync(dir, { recursive: true })
})
