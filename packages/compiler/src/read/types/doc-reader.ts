import { ts } from 'ts-morph'
import type { Doc, Span } from './type-reader.ts'

type SpanBetween = (start: number, end: number, file: ts.SourceFile) => Span

/** Reads the JSDoc comments before the declarations of one thing. */
export function readDoc(declarations: readonly ts.Node[], spanBetween: SpanBetween): Doc {
  const comments = declarations.flatMap((each) => listComments(each))
  if (comments.length === 0) return NO_DOC
  const texts = comments.map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? '')
  return {
    text: texts.filter((text) => text !== '').join('\n'),
    tags: comments.flatMap((comment) =>
      (comment.tags ?? []).map((tag) => {
        const file = tag.getSourceFile()
        const source = file.text.slice(tag.tagName.getEnd(), tag.getEnd())
        return {
          name: tag.tagName.text,
          text: cleanTagText(source),
          span: spanBetween(tag.getStart(), tag.getStart() + widthOf(file, tag), file),
        }
      }),
    ),
  }
}

const NO_DOC: Doc = { text: '', tags: [] }

function listComments(declaration: ts.Node): readonly ts.JSDoc[] {
  return ts.getJSDocCommentsAndTags(declaration).filter((each) => ts.isJSDoc(each))
}

/** The compiler takes some texts apart, as after `@type`, so they are read as they are written. */
function cleanTagText(source: string): string {
  return source
    .replace(/\*\/\s*$/, '')
    .split(/\r?\n/)
    .map((line, index) => (index === 0 ? line : line.replace(/^\s*\* ?/, '')))
    .join('\n')
    .trim()
}

/** A tag reaches up to the next one; what it says ends before. */
function widthOf(file: ts.SourceFile, tag: ts.JSDocTag): number {
  const source = file.text.slice(tag.getStart(), tag.getEnd()).replace(/\*\/\s*$/, '')
  return source.replace(/[\s*]+$/, '').length
}
