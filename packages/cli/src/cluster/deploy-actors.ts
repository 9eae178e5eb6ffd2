import { ASYNC_ACTORS, type KubeObject } from '@asya/operator/kube'
import { createInterface } from 'node:readline/promises'
import { CommandError, UsageError } from '../errors.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { formatPlan } from '../view/deploy-text.ts'
import { showDuration } from '../view/duration.ts'
import { createPaint } from '../view/paint.ts'
import { withCluster, type Cluster, type ClusterOptions } from './connect.ts'
import { makeRelease, planDeploy, type DeployPlan } from './deploy-plan.ts'
import { DEPLOYER, SCALER } from './field-owners.ts'
import { createProgressView } from './progress-view.ts'
import { readActors, type ResourceFile } from './resource-files.ts'
import { waitUntilReady, type ActorProgress } from './wait-until-ready.ts'

export interface DeployOptions extends ClusterOptions {
  readonly isConfirmed: boolean
  readonly isDryRun: boolean
  readonly isPruning: boolean
  readonly isOverriding: boolean
  readonly isWaiting: boolean
  readonly timeoutMs: number
  readonly output: 'text' | 'json'
}

/**
 * Shows what would change, asks, applies, and waits until all of it is ready.
 *
 * Throws a CommandError when something is refused or not ready in time, and a UsageError when there is
 * nobody to ask.
 */
export async function deployActors(
  files: readonly ResourceFile[],
  options: DeployOptions,
): Promise<void> {
  const actors = readActors(files)
  if (actors.length === 0) throw new UsageError('there is no AsyncActor to deploy')
  await withCluster(options, async (cluster) => {
    const plan = await planDeploy(
      actors.map((actor) => place(actor, cluster.namespace, options.namespace)),
      { client: cluster.client, isOverriding: options.isOverriding },
    )
    assertTaken(plan)
    const isText = options.output === 'text'
    if (isText) print(formatPlan(plan, options.isPruning, createPaint(process.stdout)))
    const hasWork = isWork(plan, options)
    if (!options.isDryRun && hasWork) {
      if (!options.isConfirmed) await confirm(cluster)
      await carryOut(plan, options, cluster)
    }
    const isWaiting = options.isWaiting && !options.isDryRun
    const seen = isWaiting ? await waitForAll(plan, options, cluster) : []
    if (!isText) print([JSON.stringify(toReport(plan, seen, options), null, 2)])
    assertReady(seen, options.timeoutMs)
  })
}

function place(actor: KubeObject, namespace: string, named: string | undefined): KubeObject {
  const { metadata } = actor
  return {
    ...actor,
    metadata: { ...metadata, namespace: named ?? metadata.namespace ?? namespace },
  }
}

function assertTaken({ refused }: DeployPlan): void {
  if (refused.length === 0) return
  const lines = refused.map(({ name, message }) => `${name}: ${message}`)
  throw new CommandError(`nothing was changed, since not all of it is taken\n${lines.join('\n')}`)
}

function isWork({ actors, stale }: DeployPlan, { isPruning }: DeployOptions): boolean {
  return (
    actors.some(({ action, isReleasing }) => action !== 'none' || isReleasing) ||
    (isPruning && stale.length > 0)
  )
}

async function confirm({ name }: Cluster): Promise<void> {
  if (!process.stdin.isTTY)
    throw new UsageError('there is no terminal to ask at: --yes applies this, --dry-run shows it')
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asking.question(`Apply this to ${name}? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('nothing was changed')
  } finally {
    asking.close()
  }
}

async function carryOut(
  { actors, stale }: DeployPlan,
  { isPruning }: DeployOptions,
  { client }: Cluster,
): Promise<void> {
  for (const { object, action, isReleasing } of actors) {
    if (action !== 'none') await client.apply(ASYNC_ACTORS, object, { manager: DEPLOYER })
    if (isReleasing) await client.apply(ASYNC_ACTORS, makeRelease(object), { manager: SCALER })
  }
  if (!isPruning) return
  for (const { namespace, name, uid } of stale)
    await client.remove(ASYNC_ACTORS, { namespace, name }, { uid })
}

async function waitForAll(
  { actors }: DeployPlan,
  { timeoutMs }: DeployOptions,
  { client }: Cluster,
): Promise<readonly ActorProgress[]> {
  const interrupt = listenForInterrupt()
  const view = createProgressView(process.stderr)
  try {
    const keys = actors.map(({ namespace, name }) => ({ namespace, name }))
    const { signal } = interrupt
    return await waitUntilReady(keys, { client, timeoutMs, signal, show: view.show })
  } finally {
    view.close()
    interrupt.stop()
  }
}

function assertReady(seen: readonly ActorProgress[], timeoutMs: number): void {
  const others = seen.filter(({ state }) => state !== 'ready')
  const [first] = others
  if (first === undefined) return
  const lines = others.map(({ name, reason, message }) => `${name}: ${reason}: ${message}`)
  const hint = others.every(({ state }) => state === 'unseen')
    ? 'is the operator running? kubectl get pods --all-namespaces --selector app.kubernetes.io/name=asya-operator'
    : `asya explain ${first.name} --cluster says why, and what to do`
  const head = others.some(({ state }) => state !== 'stalled')
    ? `applied, but not ready within ${showDuration(timeoutMs)}`
    : 'applied, but it does not become ready'
  throw new CommandError(`${head}\n${lines.join('\n')}\n${hint}`)
}

function toReport(plan: DeployPlan, seen: readonly ActorProgress[], options: DeployOptions) {
  return {
    applied: !options.isDryRun,
    actors: plan.actors.map(({ namespace, name, action, changes, kept }) => {
      const progress = seen.find((one) => one.namespace === namespace && one.name === name)
      return {
        ...{ namespace, name, action, changes, kept },
        ...(progress && { state: progress.state, reason: progress.reason }),
        ...(progress && { message: progress.message }),
      }
    }),
    stale: plan.stale.map(({ namespace, name }) => ({
      ...{ namespace, name },
      action: options.isPruning ? 'delete' : 'keep',
    })),
  }
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
