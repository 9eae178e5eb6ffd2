import type { OptionProblem } from '@asya/protocol'
import type { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import {
  evaluateExpression,
  joinPath,
  type NotStatic,
  type StaticValue,
} from './evaluate-expression.ts'
import { spanOf } from './source-position.ts'

/** What stands in an object of options, as far as it is static. */
export interface ReadOptions {
  readonly value: StaticValue
  /** Where each member was written, by its path. */
  readonly places: ReadonlyMap<string, ts.Node>
}

export interface OptionTools {
  readonly projectDir: string
  readonly checker: ts.TypeChecker
  readonly problems: Problem[]
  /** The rules; what they refuse is told at the member that it concerns. */
  readonly check: (options: unknown) => readonly OptionProblem[]
}

/** Reads and checks options without running them; without an expression there are none. */
export function readOptions(
  expression: ts.Expression | undefined,
  tools: OptionTools,
): ReadOptions {
  if (!expression) return { value: {}, places: new Map() }
  const { value, failures, places } = evaluateExpression(expression, tools.checker)
  for (const failure of failures) tools.problems.push(explainFailure(failure, tools.projectDir))
  // A part that is not known would be told again, as one that is missing.
  if (failures.every(({ path }) => path !== ''))
    for (const { path, message } of tools.check(value))
      tools.problems.push({
        code: 'option-refused',
        severity: 'error',
        message,
        ...spanOf(findPlace(places, path) ?? expression, tools.projectDir),
      })
  return { value, places }
}

function findPlace(
  places: ReadonlyMap<string, ts.Node>,
  path: readonly (string | number)[],
): ts.Node | undefined {
  return places.get(path.reduce<string>((above, member) => joinPath(above, member), ''))
}

function explainFailure({ node, path, why }: NotStatic, projectDir: string): Problem {
  const what = path === '' ? 'the options cannot be read' : `option ${path} cannot be read`
  return {
    code: 'option-not-static',
    severity: 'error',
    message: `${what}: ${node.getText().split('\n')[0]?.slice(0, 60) ?? ''} ${why}, and the build does not run your code`,
    fix: 'write its value here, or as a const that holds it',
    ...spanOf(node, projectDir),
  }
}
