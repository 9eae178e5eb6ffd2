import type { JsonSchema } from '../../model/model.ts'
import type { Doc } from './type-reader.ts'

/** Adds what a doc comment says: its text as the description. */
export function applyDoc(schema: JsonSchema, doc: Doc): JsonSchema {
  const keywords: JsonSchema = {
    ...(doc.text === '' ? {} : { description: doc.text }),
    ...(doc.tags.some(({ name }) => name === 'deprecated') ? { deprecated: true } : {}),
  }
  // Draft-07 ignores what stands beside a reference: it is there for readers.
  return { ...schema, ...keywords }
}
