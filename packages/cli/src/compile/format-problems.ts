import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { renderProblem, type Problem } from '@asya/compiler'
import type { ProblemFormat } from '../commands/project-options.ts'
import { formatAnnotation } from '../view/github-annotation.ts'
import { count } from '../view/model-text.ts'
import type { Paint } from '../view/paint.ts'

export interface ProblemsLayout {
  readonly format: Exclude<ProblemFormat, 'json'>
  readonly projectDir: string
  /** The top of the repository, from which GitHub wants its paths. */
  readonly rootDir: string
  readonly paint: Paint
}

/** Problems for a terminal, or for GitHub; empty when there is none, else it ends its last line. */
export function formatProblems(problems: readonly Problem[], layout: ProblemsLayout): string {
  if (problems.length === 0) return ''
  const lines =
    layout.format === 'text' ? formatAsText(problems, layout) : formatForGithub(problems, layout)
  return `${lines.join('\n')}\n`
}

/** Each with its place in the source, errors last, and their number. */
function formatAsText(
  problems: readonly Problem[],
  { projectDir, paint }: ProblemsLayout,
): string[] {
  const sources = new Map<string, string | undefined>()
  const readSource = (file: string): string | undefined => {
    if (!sources.has(file)) sources.set(file, read(join(projectDir, file)))
    return sources.get(file)
  }
  const shown = problems.toSorted(compareSeverity).flatMap((problem) => {
    const [head = '', ...rest] = renderProblem(problem, readSource).split('\n')
    return [paint(problem.severity === 'error' ? 'red' : 'yellow', head), ...rest, '']
  })
  return [...shown, countProblems(problems)]
}

/** `2 errors, 1 warning` */
export function countProblems(problems: readonly Problem[]): string {
  const counts = (['error', 'warning'] as const).flatMap((severity) => {
    const found = problems.filter((problem) => problem.severity === severity).length
    return found === 0 ? [] : [count(found, severity)]
  })
  return counts.length === 0 ? 'no problems' : counts.join(', ')
}

/** As annotations of GitHub Actions: a line of stdout for each. */
function formatForGithub(
  problems: readonly Problem[],
  { projectDir, rootDir }: ProblemsLayout,
): string[] {
  return problems.map(({ severity, code, message, fix, position, end }) => {
    const place = position && {
      file: relative(rootDir, join(projectDir, position.file)).split(sep).join('/'),
      line: position.line,
      col: position.column,
      ...(end?.line === position.line ? { endColumn: end.column } : {}),
    }
    const text = fix === undefined ? message : `${message}\n${fix}`
    return formatAnnotation(severity, { title: code, ...place }, text)
  })
}

function compareSeverity(one: Problem, other: Problem): number {
  return Number(one.severity === 'error') - Number(other.severity === 'error')
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
