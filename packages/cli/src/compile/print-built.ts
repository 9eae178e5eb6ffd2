import { relative, resolve } from 'node:path'
import type { Problem } from '@asya/compiler'
import { readRootDir } from '../config.ts'
import { CommandError, EXIT } from '../errors.ts'
import { showDuration } from '../view/duration.ts'
import { formatAnnotation } from '../view/github-annotation.ts'
import { count, describeModel } from '../view/model-text.ts'
import { createPaint, type Paint } from '../view/paint.ts'
import type { Built } from './build-project.ts'
import { formatProblems, type ProblemsLayout } from './format-problems.ts'
import type { Differences } from './output-folder.ts'

export interface BuiltLayout {
  readonly projectDir: string
  readonly outDir: string
  readonly isCheck: boolean
  readonly format: ProblemsLayout['format']
  readonly tookMs: number
}

/**
 * Tells how a build ended and sets the exit code by it. Throws a CommandError when nothing was written,
 * or when a check found that something would be.
 */
export function printBuilt(built: Built, layout: BuiltLayout): void {
  switch (built.type) {
    case 'unreadable':
      printProblems(built.problems, layout)
      process.exitCode = EXIT.failed
      return
    case 'refused':
      throw new CommandError(built.reason)
    case 'built': {
      printProblems(built.warnings, layout)
      const { differences, model } = built
      const where = relative(process.cwd(), layout.outDir) || '.'
      if (layout.isCheck) assertFresh(differences, where, layout.format)
      const paint = createPaint(process.stdout)
      const lines = [
        ...(layout.isCheck ? [] : listChanges(differences, where, paint)),
        `${paint('green', '✓')} ${describeModel(model)}: ${sum(differences, where, layout)}`,
      ]
      process.stdout.write(`${lines.join('\n')}\n`)
    }
  }
}

/** For people they stand apart from what was built; GitHub reads both. */
export function printProblems(
  problems: readonly Problem[],
  { format, projectDir }: Pick<BuiltLayout, 'format' | 'projectDir'>,
): void {
  const stream = format === 'github' ? process.stdout : process.stderr
  const layout = { format, projectDir, rootDir: readRootDir(), paint: createPaint(stream) }
  stream.write(formatProblems(problems, layout))
}

/** Longer lists are told by their number. */
const MAX_LISTED = 30

function listChanges(
  differences: readonly Differences[],
  where: string,
  paint: Paint,
): readonly string[] {
  const lines = differences.flatMap(({ missing, stale, superfluous }) => [
    ...missing.map(({ path }) => `${paint('green', '+')} ${where}/${path}`),
    ...stale.map(({ path }) => `${paint('yellow', '~')} ${where}/${path}`),
    ...superfluous.map((path) => `${paint('red', '-')} ${where}/${path}`),
  ])
  if (lines.length <= MAX_LISTED) return lines
  return [...lines.slice(0, MAX_LISTED), paint('dim', `  and ${lines.length - MAX_LISTED} more`)]
}

function sum(differences: readonly Differences[], where: string, layout: BuiltLayout): string {
  const { written, removed, unchanged } = countChanges(differences)
  if (layout.isCheck) return `${where} holds what asya build makes (${count(unchanged, 'file')})`
  const parts = [
    written > 0 ? `wrote ${count(written, 'file')}` : 'nothing to write',
    ...(removed > 0 ? [`removed ${removed}`] : []),
    ...(unchanged > 0 ? [`${unchanged} as they were`] : []),
  ]
  return `${parts.join(', ')} in ${where} (${showDuration(layout.tookMs)})`
}

export function countChanges(differences: readonly Differences[]): {
  readonly written: number
  readonly removed: number
  readonly unchanged: number
} {
  const total = (measure: (one: Differences) => number): number =>
    differences.reduce((sum, one) => sum + measure(one), 0)
  return {
    written: total(({ missing, stale }) => missing.length + stale.length),
    removed: total(({ superfluous }) => superfluous.length),
    unchanged: total(({ unchangedCount }) => unchangedCount),
  }
}

/** Throws a CommandError with the name of every file that a build would change; GitHub shows each. */
function assertFresh(
  differences: readonly Differences[],
  where: string,
  format: BuiltLayout['format'],
): void {
  const files = differences.flatMap(({ missing, stale, superfluous }) => [
    ...stale.map(({ path }) => ({ state: 'stale', path: `${where}/${path}` })),
    ...missing.map(({ path }) => ({ state: 'missing', path: `${where}/${path}` })),
    ...superfluous.map((path) => ({ state: 'superfluous', path: `${where}/${path}` })),
  ])
  if (files.length === 0) return
  if (format === 'github') {
    for (const { state, path } of files) {
      const annotation = formatAnnotation(
        'error',
        { title: `${state} output`, file: relative(readRootDir(), resolve(path)) },
        `${path} is not what asya build makes of the project`,
      )
      process.stdout.write(`${annotation}\n`)
    }
  }
  const lines = files.map(({ state, path }) => `  ${state.padEnd(11)}  ${path}`)
  throw new CommandError(
    `${where} is not what asya build makes of the project: build it, and commit what changed\n` +
      lines.join('\n'),
  )
}
