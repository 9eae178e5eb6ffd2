import type { Model } from '../../model/model.ts'
import type { OutputFile } from '../../model/output-file.ts'
import { findSteps } from '../pipeline-steps.ts'
import { makeActorDocument } from './actor-document.ts'
import { DocumentWriter } from './document-writer.ts'
import { makePipelineDocument } from './pipeline-document.ts'

/**
 * One AsyncAPI document for each actor of this project (a remote one has its own, where it is made),
 * and one for each pipeline.
 *
 * @param writer of earlier documents: what did not change since is neither checked nor laid out again
 */
export function emitAsyncApi(
  model: Model,
  writer: DocumentWriter = new DocumentWriter(),
): readonly OutputFile[] {
  const actors = model.actors.filter(({ kind }) => kind !== 'remote')
  return [
    ...actors.map((actor) =>
      writer.write(`asyncapi/actors/${actor.name}.yaml`, makeActorDocument(actor, model), [
        actor.declared.file,
      ]),
    ),
    ...model.pipelines.map((pipeline) =>
      writer.write(
        `asyncapi/pipelines/${pipeline.name}.yaml`,
        makePipelineDocument(pipeline, model),
        listFiles([pipeline, ...findSteps(pipeline, model)]),
      ),
    ),
  ]
}

function listFiles(declarations: readonly { readonly declared: { readonly file: string } }[]) {
  return [...new Set(declarations.map(({ declared }) => declared.file))]
}
