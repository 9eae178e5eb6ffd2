/**
 * A process of its own, started by `inspect`: loads a project's bundles, for an author's module may
 * do anything, and writes what they export as a manifest to file descriptor 3.
 */
import { readFileSync, writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { inspect as show } from 'node:util'
import { isActor, isPipeline, isPythonActor, isRemoteActor, isStandIn } from '@asya/sdk'
import { parseInspection, type Exported, type LoadFailure } from './manifest.ts'

const MANIFEST_FD = 3

interface Found {
  readonly value: object
  readonly exports: Exported[]
}

/** Collects objects by their identity. */
class Collection {
  readonly found: Found[] = []

  indexOf(value: object, exported?: Exported): number {
    const known = this.found.findIndex((other) => other.value === value)
    const index = known === -1 ? this.found.push({ value, exports: [] }) - 1 : known
    if (exported) this.found[index]?.exports.push(exported)
    return index
  }
}

const actors = new Collection()
const pipelines = new Collection()
const failures: LoadFailure[] = []
/** The module that is being loaded. */
let loading = ''

/** Node's own code for an `await` at the top of a module that nothing can settle any more. */
const UNSETTLED_AWAIT = 13

process.on('exit', (code) => {
  if (loading === '') return
  const why =
    code === UNSETTLED_AWAIT
      ? 'it waits at its top level for something that never comes'
      : `it ended the process that loads it, with exit code ${code}`
  failures.push({ source: loading, stack: why })
  writeManifest()
})

for (const { source, path } of parseInspection(readFileSync(0, 'utf8'))) {
  loading = source
  try {
    const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
    for (const [exportName, value] of Object.entries(module)) {
      if (isActor(value)) actors.indexOf(value, { source, exportName })
      if (isStandIn(value)) actors.indexOf(value.standsFor)
      if (isPipeline(value)) pipelines.indexOf(value, { source, exportName })
    }
  } catch (error) {
    failures.push({ source, stack: error instanceof Error ? show(error) : `threw ${show(error)}` })
  }
}

loading = ''
writeManifest()
// Modules may have opened anything that would keep the process.
process.exit(0)

function writeManifest(): void {
  const foundPipelines = pipelines.found.map(({ value, exports }) => {
    if (!isPipeline(value)) throw new TypeError('not a pipeline')
    const steps = value.actors.map((actor) => actors.indexOf(actor))
    return { exports, options: value.options, steps }
  })
  const foundActors = actors.found.map(({ value, exports }) => {
    if (!isActor(value)) throw new TypeError('not an actor')
    return {
      exports,
      options: value.options,
      ...(isRemoteActor(value) ? { remoteQueue: value.queue } : {}),
      ...(isPythonActor(value) ? { python: value.python } : {}),
      ...(isStandIn(value) ? { standsFor: actors.indexOf(value.standsFor) } : {}),
    }
  })
  const manifest = { actors: foundActors, pipelines: foundPipelines, failures }
  writeAll(Buffer.from(JSON.stringify(manifest)))
}

/** A pipe takes only so much at once. */
function writeAll(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(MANIFEST_FD, bytes, at)
}
