import type { Model } from '../model/model.ts'
import type { OutputFile } from '../model/output-file.ts'
import { DocumentWriter } from './asyncapi/document-writer.ts'
import { emitAsyncApi } from './asyncapi/emit-asyncapi.ts'
import { emitJsonSchemas } from './emit-json-schemas.ts'
import { emitManifest } from './emit-manifest.ts'
import { emitTools } from './emit-tools.ts'
import { emitGuards } from './guard/emit-guards.ts'
import { emitDockerfiles } from './kubernetes/emit-dockerfiles.ts'
import { emitKubernetes } from './kubernetes/emit-kubernetes.ts'

/** Makes files of a model: the same model, the same bytes. */
type Emitter = (model: Model, writer: DocumentWriter) => readonly OutputFile[]

/** Another output is another file, and a line here. */
const EMITTERS: readonly Emitter[] = [
  emitAsyncApi,
  emitDockerfiles,
  emitGuards,
  emitJsonSchemas,
  emitKubernetes,
  emitManifest,
  emitTools,
]

/**
 * Every file of a build, in order of the paths.
 *
 * @param writer the one of the last build, to be done sooner
 * @throws Error when what it made is wrong, which is a defect of this package
 */
export function emitAll(model: Model, writer: DocumentWriter = new DocumentWriter()): OutputFile[] {
  const files = EMITTERS.flatMap((emit) => emit(model, writer))
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}
