import type { ActorModel, Model, PayloadType } from '../model/model.ts'
import type { OutputFile } from '../model/output-file.ts'
import { writeHeader } from './header.ts'
import { toSelfContained } from './self-contained.ts'

/** What each actor takes and returns, as files of draft-07 that need no other. */
export function emitJsonSchemas(model: Model): readonly OutputFile[] {
  return model.actors.flatMap((actor) => [
    writeSchema(actor, 'input', actor.input, model),
    ...(actor.output ? [writeSchema(actor, 'output', actor.output, model)] : []),
  ])
}

function writeSchema(
  ...[actor, side, payload, model]: [ActorModel, 'input' | 'output', PayloadType, Model]
): OutputFile {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: writeHeader([actor.declared.file]),
    ...toSelfContained(payload.schema, model.schemas),
  }
  return {
    path: `schemas/${actor.name}.${side}.schema.json`,
    content: `${JSON.stringify(schema, undefined, 2)}\n`,
  }
}
