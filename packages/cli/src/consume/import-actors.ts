import { isActorSchema, readActorSchema } from './actor-schema.ts'
import { readSource, toDocument, toUnchecked } from './asyncapi-document.ts'
import { findRemoteActors } from './find-remote-actors.ts'
import { writeRemoteActors } from './write-remote-actors.ts'

export interface ImportedActors {
  /** In order; none: the document describes no actor. */
  readonly names: readonly string[]
  /** Why others were left out. */
  readonly problems: readonly string[]
  /** A TypeScript module. */
  readonly text: string
}

/**
 * Declares the actors of an AsyncAPI document, or the one of a JSON Schema beside its handler.
 *
 * @param source the file as what is written is to name it
 */
export async function importActors(path: string, source: string): Promise<ImportedActors> {
  const file = await readSource(path)
  const isSchema = isActorSchema(file)
  const document = isSchema ? toUnchecked(file) : await toDocument(file)
  const { actors, problems } = isSchema
    ? { actors: [readActorSchema(document)], problems: [] }
    : findRemoteActors(document)
  return {
    names: actors.map(({ name }) => name),
    problems,
    text: writeRemoteActors(document, actors, { source, command: COMMAND }),
  }
}

export const COMMAND = 'asya import'
