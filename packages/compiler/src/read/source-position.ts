import { relative, sep } from 'node:path'
import type { ts } from 'ts-morph'
import type { Position } from '../model/model.ts'

/** From its first token (comments before it left out) to its end. */
export interface Span {
  readonly position: Position
  readonly end: Position
}

/** Where a node stands, seen from the project. */
export function spanOf(node: ts.Node, projectDir: string): Span {
  const file = node.getSourceFile()
  return {
    position: positionAt(file, node.getStart(file), projectDir),
    end: positionAt(file, node.getEnd(), projectDir),
  }
}

export function positionOf(node: ts.Node, projectDir: string): Position {
  return spanOf(node, projectDir).position
}

/** A place in a file, by its index in the text. */
export function positionAt(file: ts.SourceFile, index: number, projectDir: string): Position {
  const { line, character } = file.getLineAndCharacterOfPosition(index)
  return { file: showPath(file.fileName, projectDir), line: line + 1, column: character + 1 }
}

/** A path seen from the project, with `/`. */
export function showPath(path: string, projectDir: string): string {
  return relative(projectDir, path).split(sep).join('/')
}
