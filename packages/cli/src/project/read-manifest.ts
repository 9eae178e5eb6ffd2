import {
  DEFAULT_RETRY_POLICY,
  ERROR_END,
  HAPPY_END,
  isActorName,
  nameFromExport,
  parseDurationMs,
  type RetryPolicy,
} from '@asya/protocol'
import type {
  Exported,
  Manifest,
  ManifestActor,
  ManifestActorOptions,
  ManifestPipeline,
} from './manifest.ts'
import { fillRetry } from './fill-retry.ts'

export interface ProjectActor extends Exported {
  readonly name: string
  readonly timeoutMs: number
  readonly concurrency: number
  readonly retry: RetryPolicy
  /** Of an actor in Python: `module:function`. */
  readonly python?: string | undefined
}

export interface ProjectPipeline extends Exported {
  readonly name: string
  /** Names of actors, in order; of those that somebody else runs the queues. */
  readonly steps: readonly string[]
  /** Those of its steps that nobody serves here: somebody else's actors without a stand-in. */
  readonly missing: readonly MissingActor[]
}

/** An actor that somebody else runs, and that has no stand-in. */
interface MissingActor {
  readonly name: string
  readonly queue: string
}

export type ReadManifest =
  | {
      readonly ok: true
      readonly actors: readonly ProjectActor[]
      readonly pipelines: readonly ProjectPipeline[]
    }
  /** Each names the place and the way out. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Gives everything its name and finds what cannot be run. */
export function readManifest(manifest: Manifest): ReadManifest {
  const problems: string[] = []
  const remotes = manifest.actors.map(toRemote)
  const actors = manifest.actors.map((actor) => nameActor(actor, remotes, problems))
  findTwins('actor', actors, problems)
  const served = new Set(actors.map((actor) => actor?.name))
  const pipelines = manifest.pipelines.map((pipeline) => {
    const named = nameOne('pipeline', pipeline, problems)
    if (!named) return undefined
    const steps = readSteps(named, pipeline, { actors, remotes, problems })
    const missing = pipeline.steps.flatMap((index) => remotes[index] ?? [])
    return { ...named, steps, missing: missing.filter(({ queue }) => !served.has(queue)) }
  })
  findTwins('pipeline', pipelines, problems)
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    actors: actors.filter((actor) => actor !== undefined),
    pipelines: pipelines.filter((pipeline) => pipeline !== undefined),
  }
}

type Kind = 'actor' | 'pipeline'

/** By the index of an actor: undefined for those of this project. */
type Remotes = readonly (MissingActor | undefined)[]

function toRemote({ options, remoteQueue: queue }: ManifestActor): MissingActor | undefined {
  return queue === undefined ? undefined : { name: options.name ?? queue, queue }
}

interface Named extends Exported {
  readonly name: string
}

/** What is served here; a stand-in by the queue of the actor whose place it takes. */
function nameActor(
  actor: ManifestActor,
  remotes: Remotes,
  problems: string[],
): ProjectActor | undefined {
  // A step that nobody exports is told with its pipeline.
  const isServed = actor.exports.length > 0 && actor.remoteQueue === undefined
  const named = isServed ? nameOne('actor', actor, problems) : undefined
  if (!named) return undefined
  const remote = actor.standsFor === undefined ? undefined : remotes[actor.standsFor]
  if (remote) return { ...named, name: remote.queue, ...readActorOptions(actor.options) }
  if (named.name === HAPPY_END || named.name === ERROR_END)
    problems.push(
      `${place(named)}: "${named.name}" is the name of an end of every pipeline: choose another`,
    )
  return { ...named, python: actor.python, ...readActorOptions(actor.options) }
}

/** The name of an object and the export it is known by. */
function nameOne(
  kind: Kind,
  found: ManifestActor | ManifestPipeline,
  problems: string[],
): Named | undefined {
  const { name: given } = found.options
  const named = found.exports.filter(({ exportName }) => exportName !== 'default')
  const [exported = found.exports[0]] = named
  if (!exported) return undefined
  if (given === undefined && exported.exportName === 'default') {
    problems.push(
      `${exported.source} exports ${withArticle(kind)} by default, which gives it no name: ` +
        `export it by name, or write { name: '…' } in its options`,
    )
    return undefined
  }
  const names = new Set(named.map(({ exportName }) => nameFromExport(exportName)))
  if (given === undefined && names.size > 1) {
    problems.push(
      `one ${kind} is exported under ${names.size} names (${found.exports.map(place).join(', ')}): ` +
        `keep one, or write { name: '…' } in its options`,
    )
    return undefined
  }
  const name = given ?? nameFromExport(exported.exportName)
  if (!isActorName(name)) {
    problems.push(
      `${place(exported)}: "${name}" cannot be the name of ${withArticle(kind)}: at most 50 of a-z, ` +
        `0-9 and "-", beginning with a letter; write another as { name: '…' } in its options`,
    )
    return undefined
  }
  return { name, ...exported }
}

function withArticle(kind: Kind): string {
  return kind === 'actor' ? 'an actor' : 'a pipeline'
}

function place({ source, exportName }: Exported): string {
  return exportName === 'default' ? `${source} (default)` : `${source} (${exportName})`
}

/** Two of one name would share a queue. */
function findTwins(kind: Kind, all: readonly (Named | undefined)[], problems: string[]): void {
  const byName = new Map<string, Named[]>()
  for (const one of all) {
    if (one) byName.set(one.name, [...(byName.get(one.name) ?? []), one])
  }
  for (const [name, twins] of byName) {
    if (twins.length > 1)
      problems.push(
        `${twins.length} ${kind}s are named "${name}": ${twins.map(place).join(', ')}; ` +
          `rename all but one, or give them names as { name: '…' } in their options`,
      )
  }
}

interface Steps {
  readonly actors: readonly (ProjectActor | undefined)[]
  readonly remotes: Remotes
  readonly problems: string[]
}

function readSteps(
  named: Named,
  pipeline: ManifestPipeline,
  { actors, remotes, problems }: Steps,
): string[] {
  return pipeline.steps.flatMap((index, at) => {
    const name = remotes[index]?.queue ?? actors[index]?.name
    if (name !== undefined) return [name]
    problems.push(
      `step ${at + 1} of the pipeline ${named.name} (${named.source}) is an actor that no module ` +
        `exports: put "export" before it, in a file below actors/ or in this one`,
    )
    return []
  })
}

/** How long an attempt may take when its actor does not say. */
const DEFAULT_TIMEOUT_MS = 300_000

/** The SDK has checked what stands there: what is missing has its default. */
function readActorOptions(
  options: ManifestActorOptions,
): Pick<ProjectActor, 'timeoutMs' | 'concurrency' | 'retry'> {
  const { timeout, concurrency = 1, retry = {} } = options
  const { initialDelay, maxDelay, ...rest } = retry
  const inMs = { ...rest, initialDelayMs: toMs(initialDelay), maxDelayMs: toMs(maxDelay) }
  return {
    timeoutMs: toMs(timeout) ?? DEFAULT_TIMEOUT_MS,
    concurrency,
    retry: fillRetry(inMs, DEFAULT_RETRY_POLICY),
  }
}

function toMs(duration: string | number | undefined): number | undefined {
  return typeof duration === 'string' ? parseDurationMs(duration) : duration
}
