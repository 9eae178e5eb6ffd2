import type { Model } from '../../model/model.ts'
import type { OutputFile } from '../../model/output-file.ts'
import { writeHeader } from '../header.ts'
import { writeGuard } from './write-guard.ts'

/** A guard for each actor that the Node runtime runs. */
export function emitGuards(model: Model): readonly OutputFile[] {
  return model.actors
    .filter(({ kind }) => kind === 'node')
    .map((actor) => ({
      path: `guards/${actor.name}.mjs`,
      content: `// ${writeHeader([actor.declared.file])}\n\n${writeGuard(actor, model)}`,
    }))
}
