import { ts } from 'ts-morph'

export interface DocComment {
  readonly description?: string
  /** Why it should not be used any more. */
  readonly deprecated?: string
}

/** What the comment above a definition says, to people and of its end. */
export function readDocComment(holder: ts.Node): DocComment {
  const parts = ts.getJSDocCommentsAndTags(holder)
  const texts = parts.flatMap((part) =>
    ts.isJSDoc(part) ? [ts.getTextOfJSDocComment(part.comment) ?? ''] : [],
  )
  const description = texts.at(-1)?.trim() ?? ''
  const deprecated = ts.getJSDocDeprecatedTag(holder)
  const reason = ts.getTextOfJSDocComment(deprecated?.comment)?.trim() ?? ''
  return {
    ...(description !== '' && { description }),
    ...(deprecated && { deprecated: reason === '' ? 'it is deprecated' : reason }),
  }
}
