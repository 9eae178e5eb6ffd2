import * as z from 'zod/mini'

/** What the inspector found in the modules of a project: pure data, between two processes. */

const EXPORTED = z.object({
  /** Seen from the project. */
  source: z.string(),
  exportName: z.string(),
})

export type Exported = z.infer<typeof EXPORTED>

const DURATION = z.optional(z.union([z.string(), z.number()]))

/** The options that matter to a run, as the SDK checked them. */
const ACTOR_OPTIONS = z.object({
  name: z.optional(z.string()),
  timeout: DURATION,
  concurrency: z.optional(z.number()),
  retry: z.optional(
    z.object({
      maxAttempts: z.optional(z.number()),
      initialDelay: DURATION,
      maxDelay: DURATION,
      backoff: z.optional(z.number()),
      retryCodes: z.optional(z.array(z.string())),
      fatalCodes: z.optional(z.array(z.string())),
    }),
  ),
})

export type ManifestActorOptions = z.infer<typeof ACTOR_OPTIONS>

/** An actor object; none, one or several modules export it. */
const ACTOR = z.object({
  exports: z.array(EXPORTED),
  options: ACTOR_OPTIONS,
  /** The queue of an actor that somebody else runs. */
  remoteQueue: z.optional(z.string()),
  /** The handler of an actor in Python: `module:function`. */
  python: z.optional(z.string()),
  /** Index of the remote actor whose place it takes. */
  standsFor: z.optional(z.number()),
})

const PIPELINE = z.object({
  exports: z.array(EXPORTED),
  options: z.object({ name: z.optional(z.string()) }),
  /** Indexes into the manifest's actors. */
  steps: z.array(z.number()),
})

/** A module that threw when it was loaded. */
const LOAD_FAILURE = z.object({ source: z.string(), stack: z.string() })

const MANIFEST = z.object({
  actors: z.array(ACTOR),
  pipelines: z.array(PIPELINE),
  failures: z.array(LOAD_FAILURE),
})

export type Manifest = z.infer<typeof MANIFEST>
export type ManifestActor = z.infer<typeof ACTOR>
export type ManifestPipeline = z.infer<typeof PIPELINE>
export type LoadFailure = z.infer<typeof LOAD_FAILURE>

export function parseManifest(text: string): Manifest {
  return z.parse(MANIFEST, JSON.parse(text))
}

/** What the inspector is told: the modules to load, in this order. */
const INSPECTION = z.array(z.object({ source: z.string(), path: z.string() }))

export type Inspection = readonly Readonly<z.infer<typeof INSPECTION>[number]>[]

export function parseInspection(text: string): Inspection {
  return z.parse(INSPECTION, JSON.parse(text))
}
