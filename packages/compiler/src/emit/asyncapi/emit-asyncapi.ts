import type { Model } from '../../model/model.ts'
import type { OutputFile } from '../../model/output-file.ts'
import { writeHeader } from '../header.ts'
import { findSteps } from '../pipeline-steps.ts'
import { writeYaml } from '../write-yaml.ts'
import { makeActorDocument } from './actor-document.ts'
import type { AsyncApiDocument } from './document.ts'
import { findMistakes } from './find-mistakes.ts'
import { makePipelineDocument } from './pipeline-document.ts'

/**
 * One AsyncAPI document for each actor of this project (a remote one has its own, where it is made),
 * and one for each pipeline.
 */
export function emitAsyncApi(model: Model): readonly OutputFile[] {
  const actors = model.actors.filter(({ kind }) => kind !== 'remote')
  return [
    ...actors.map((actor) =>
      writeDocument(`asyncapi/actors/${actor.name}.yaml`, makeActorDocument(actor, model), [
        actor.declared.file,
      ]),
    ),
    ...model.pipelines.map((pipeline) =>
      writeDocument(
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

function writeDocument(
  path: string,
  document: AsyncApiDocument,
  sources: readonly string[],
): OutputFile {
  const mistakes = findMistakes(document)
  if (mistakes.length > 0) {
    const list = mistakes.map((mistake) => `\n  ${mistake}`).join('')
    throw new Error(
      `${path} would be wrong, which is a defect of asya build: please report it${list}`,
    )
  }
  return { path, content: `# ${writeHeader(sources)}\n${writeYaml(document)}` }
}
