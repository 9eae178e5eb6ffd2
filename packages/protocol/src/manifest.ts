import { readJson, type JsonReader, type ReadJson } from './json-reader.ts'
import type { PartialRetryPolicy } from './retry.ts'

/**
 * `manifest.json` of a build: which actors and pipelines there are, and where their files stand. The
 * runtime's starter, `asya dev` and the gateway read it.
 */
export interface Manifest {
  /** Version of this format. */
  readonly manifest: 1
  readonly project: { readonly name: string; readonly version: string }
  /** In order of their names. */
  readonly actors: readonly ManifestActor[]
  /** In order of their names. */
  readonly pipelines: readonly ManifestPipeline[]
}

/** `none`: an actor that returns nothing, or a pipeline that ends at one. */
export type ManifestCardinality = (typeof CARDINALITIES)[number]

export interface ManifestActor {
  readonly name: string
  /** `remote`: somebody else runs it. */
  readonly kind: 'node' | 'python' | 'remote'
  readonly queue: string
  readonly description?: string | undefined
  readonly deprecated?: string | undefined
  /** Seen from the project, with `/`. */
  readonly source: string
  readonly exportName: string
  /** Seen from the folder of the build; only of actors that run on Node. */
  readonly bundle?: string | undefined
  /** For `ASYA_GUARD`; seen from the folder of the build. */
  readonly guard?: string | undefined
  /** How many messages follow from one. */
  readonly cardinality: ManifestCardinality
  /** Of one attempt. What is left out, here and below, is left to the default of whoever runs it. */
  readonly timeoutMs?: number | undefined
  readonly concurrency?: number | undefined
  readonly retry?: PartialRetryPolicy | undefined
}

export interface ManifestPipeline {
  readonly name: string
  readonly description?: string | undefined
  readonly deprecated?: string | undefined
  /** Names of actors, in order. */
  readonly steps: readonly string[]
  /** Their queues: what stands in a message. */
  readonly route: readonly string[]
  /** How many results it has. */
  readonly results: ManifestCardinality
  /** From end to end. */
  readonly timeoutMs?: number | undefined
}

const KINDS = ['node', 'python', 'remote'] as const
export const CARDINALITIES = ['one', 'optional', 'many', 'none'] as const

/** Reads the text of a `manifest.json`; members that it does not know are left out. */
export function decodeManifest(text: string): ReadJson<Manifest> {
  return readJson(text, (root) => ({
    manifest: root.at('manifest').oneOf([1]),
    project: {
      name: root.at('project').at('name').text(),
      version: root.at('project').at('version').text(),
    },
    actors: root.at('actors').items().map(readActor),
    pipelines: root.at('pipelines').items().map(readPipeline),
  }))
}

const text = (reader: JsonReader): string => reader.text()
const amount = (reader: JsonReader): number => reader.amount()
const texts = (reader: JsonReader): readonly string[] => reader.texts()

function readActor(actor: JsonReader): ManifestActor {
  return {
    name: actor.at('name').text(),
    kind: actor.at('kind').oneOf(KINDS),
    queue: actor.at('queue').text(),
    description: actor.at('description').optional(text),
    deprecated: actor.at('deprecated').optional(text),
    source: actor.at('source').text(),
    exportName: actor.at('exportName').text(),
    bundle: actor.at('bundle').optional(text),
    guard: actor.at('guard').optional(text),
    cardinality: actor.at('cardinality').oneOf(CARDINALITIES),
    timeoutMs: actor.at('timeoutMs').optional(amount),
    concurrency: actor.at('concurrency').optional(amount),
    retry: actor.at('retry').optional(readRetry),
  }
}

function readRetry(retry: JsonReader): PartialRetryPolicy {
  return {
    maxAttempts: retry.at('maxAttempts').optional(amount),
    initialDelayMs: retry.at('initialDelayMs').optional(amount),
    maxDelayMs: retry.at('maxDelayMs').optional(amount),
    backoff: retry.at('backoff').optional(amount),
    retryCodes: retry.at('retryCodes').optional(texts),
    fatalCodes: retry.at('fatalCodes').optional(texts),
  }
}

function readPipeline(pipeline: JsonReader): ManifestPipeline {
  return {
    name: pipeline.at('name').text(),
    description: pipeline.at('description').optional(text),
    deprecated: pipeline.at('deprecated').optional(text),
    steps: pipeline.at('steps').texts(),
    route: pipeline.at('route').texts(),
    results: pipeline.at('results').oneOf(CARDINALITIES),
    timeoutMs: pipeline.at('timeoutMs').optional(amount),
  }
}
