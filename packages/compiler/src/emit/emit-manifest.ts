import type { Manifest, ManifestActor, ManifestPipeline } from '@asya/protocol'
import type { ActorModel, Model, PipelineModel } from '../model/model.ts'
import type { OutputFile } from '../model/output-file.ts'
import { writeHeader } from './header.ts'
import { countResults, findSteps } from './pipeline-steps.ts'

/** What runtime, `asya dev` and gateway read. */
export function emitManifest(model: Model): readonly OutputFile[] {
  const { name, version } = model.project
  const manifest: Manifest = {
    manifest: 1,
    project: { name, version },
    actors: model.actors.map(toManifestActor),
    pipelines: model.pipelines.map((pipeline) => toManifestPipeline(pipeline, model)),
  }
  return [
    {
      path: 'manifest.json',
      content: `${JSON.stringify({ $comment: writeHeader([]), ...manifest }, undefined, 2)}\n`,
    },
  ]
}

function toManifestActor(actor: ActorModel): ManifestActor {
  const { name, kind, settings } = actor
  const isNode = kind === 'node'
  return {
    name,
    kind,
    queue: actor.queue,
    description: actor.description,
    deprecated: actor.deprecated,
    source: actor.exportFile ?? actor.declared.file,
    exportName: actor.exportName,
    bundle: isNode ? `bundles/${name}/handler.mjs` : undefined,
    guard: isNode ? `guards/${name}.mjs` : undefined,
    cardinality: actor.cardinality,
    timeoutMs: settings.timeoutMs,
    concurrency: settings.concurrency,
    retry: settings.retry,
  }
}

function toManifestPipeline(pipeline: PipelineModel, model: Model): ManifestPipeline {
  const steps = findSteps(pipeline, model)
  return {
    name: pipeline.name,
    description: pipeline.description,
    deprecated: pipeline.deprecated,
    steps: pipeline.steps,
    route: steps.map(({ queue }) => queue),
    results: countResults(steps),
    timeoutMs: pipeline.timeoutMs,
  }
}
