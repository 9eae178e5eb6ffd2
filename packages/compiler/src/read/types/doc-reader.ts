import { ts } from 'ts-morph'
import type { Doc, Span } from './type-reader.ts'

type SpanBetween = (start: number, end: number, file: ts.SourceFile) => Span

/** A comment, in the file that it was parsed from, which may be a copy of it alone. */
interface Comment {
  readonly parsed: ts.JSDoc
  readonly text: string
  /** Where `text` begins in the file of the project. */
  readonly offset: number
  readonly file: ts.SourceFile
}

/** Reads the JSDoc comments before the declarations of one thing. */
export function readDoc(declarations: readonly ts.Node[], spanBetween: SpanBetween): Doc {
  const comments = declarations.flatMap((each) => listComments(each))
  if (comments.length === 0) return NO_DOC
  return {
    text: comments
      .map(({ parsed }) => cleanText(ts.getTextOfJSDocComment(parsed.comment) ?? ''))
      .filter((text) => text !== '')
      .join('\n'),
    tags: comments.flatMap(({ parsed, text, offset, file }) =>
      (parsed.tags ?? []).map((tag) => {
        const start = tag.tagName.pos - 1
        const source = trimEnd(text.slice(start, tag.end))
        return {
          name: tag.tagName.text,
          text: cleanTagText(source.slice(tag.tagName.end - start)),
          span: spanBetween(offset + start, offset + start + source.length, file),
        }
      }),
    ),
  }
}

const NO_DOC: Doc = { text: '', tags: [] }

function listComments(declaration: ts.Node): readonly Comment[] {
  const file = declaration.getSourceFile()
  const comments = ts
    .getJSDocCommentsAndTags(declaration)
    .filter((each) => ts.isJSDoc(each))
    .map((parsed) => ({ parsed, text: file.text, offset: 0, file }))
  return comments.length > 0 ? comments : listCommentsOnSameLine(declaration, file)
}

/**
 * The compiler takes a comment on the line of the brace or the member before it, as in
 * `{ /** … *\/ url: string }`, for one that follows those: it is parsed on its own.
 */
function listCommentsOnSameLine(declaration: ts.Node, file: ts.SourceFile): readonly Comment[] {
  const ranges = ts.getTrailingCommentRanges(file.text, declaration.pos) ?? []
  return ranges.flatMap(({ pos, end }) => {
    const text = file.text.slice(pos, end)
    if (!text.startsWith('/**')) return []
    const copy = ts.createSourceFile(
      'comment.ts',
      `${text}\ntype Documented = 1`,
      file.languageVersion,
      true,
    )
    const [statement] = copy.statements
    if (statement === undefined) return []
    return ts
      .getJSDocCommentsAndTags(statement)
      .filter((each) => ts.isJSDoc(each))
      .map((parsed) => ({ parsed, text: copy.text, offset: pos, file }))
  })
}

/** `{@link Page}` is for editors; readers of a document see the name. */
function cleanText(text: string): string {
  return text.replace(
    /\{@link(?:code|plain)?\s+([^\s|}]+)\s*\|?\s*([^}]*)\}/g,
    (_, target: string, label: string) => label.trim() || target,
  )
}

/** The compiler takes some texts apart, as after `@type`, so they are read as they are written. */
function cleanTagText(source: string): string {
  return source
    .split(/\r?\n/)
    .map((line, index) => (index === 0 ? line : line.replace(/^\s*\* ?/, '')))
    .join('\n')
    .trim()
}

/** A tag reaches up to the next one, or to the end of the comment; what it says ends before. */
function trimEnd(source: string): string {
  return source
    .replace(/\*\/\s*$/, '')
    .replace(/(?:\s*\n\s*\*?\s*)+$/, '')
    .trimEnd()
}
