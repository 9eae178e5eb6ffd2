import { toMs } from './duration.ts'
import { suggestName } from './suggest-name.ts'

/** What is allowed as a value, as a check and in words. */
export interface Rule {
  readonly allows: (value: unknown) => boolean
  /** Completes "… is 0: expected …". */
  readonly allowed: string
  /** Whether it is a time, which is kept in milliseconds. */
  readonly isDuration?: boolean
}

/** A rule for every option. */
export type Rules = Readonly<Record<string, RuleTree>>

/** For one value; for options that stand together; for names of the author's own; for a list. */
type RuleTree =
  | Rule
  | { readonly rules: Rules }
  | { readonly names: Rule; readonly values: RuleTree }
  | { readonly items: RuleTree; readonly allowed: string }

/** An option that is not allowed. */
export interface OptionProblem {
  /** From the options down to the culprit; for an option that there is not, down to its name. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

type Path = OptionProblem['path']

/** The rule of one value, by its path; undefined when there is none. */
export function findRule(rules: Rules, [name = '', ...rest]: readonly string[]): Rule | undefined {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
  if (rule === undefined) return undefined
  if ('rules' in rule) return findRule(rule.rules, rest)
  return rest.length === 0 && 'allows' in rule ? rule : undefined
}

/** What is not allowed of the options, each with its place. */
export function findProblems(options: unknown, rules: Rules, path: Path = []): OptionProblem[] {
  if (!isObject(options)) return [refuse(options, path, 'an object')]
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    const at = [...path, name]
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule) return findProblemsOf(value, rule, at)
    const suggestion = suggestName(name, Object.keys(rules))
    return [{ path: at, message: `there is no option ${writePath(at)}${suggestion}` }]
  })
}

function findProblemsOf(value: unknown, rule: RuleTree, path: Path): OptionProblem[] {
  if ('rules' in rule) return findProblems(value, rule.rules, path)
  if ('names' in rule) return findProblemsOfNames(value, rule, path)
  if (!('items' in rule)) return rule.allows(value) ? [] : [refuse(value, path, rule.allowed)]
  if (!Array.isArray(value)) return [refuse(value, path, rule.allowed)]
  return value.flatMap((item, index) => findProblemsOf(item, rule.items, [...path, index]))
}

function findProblemsOfNames(
  value: unknown,
  { names, values }: { readonly names: Rule; readonly values: RuleTree },
  path: Path,
): OptionProblem[] {
  if (!isObject(value)) return [refuse(value, path, 'an object')]
  return Object.entries(value).flatMap(([name, each]) => {
    if (each === undefined) return []
    const at = [...path, name]
    if (names.allows(name)) return findProblemsOf(each, values, at)
    const message = `option ${writePath(path)} has the name ${show(name)}: expected ${names.allowed}`
    return [{ path: at, message }]
  })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(value: unknown, path: Path, allowed: string): OptionProblem {
  const place = path.length === 0 ? 'the options' : `option ${writePath(path)}`
  return { path, message: `${place} is ${show(value)}: expected ${allowed}` }
}

/** `retry.maxAttempts`, `tolerations[0].effect`. */
function writePath(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1)
}

/** A value in a message, short. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

export function aDuration(moreThanMs: number): Rule {
  const least = moreThanMs < 0 ? '' : ' above 0'
  return {
    isDuration: true,
    allows: (value) => (toMs(value) ?? -1) > moreThanMs,
    allowed: `a duration${least} such as '90s' or '1m30s', or milliseconds, of at most 24 days`,
  }
}

export function aWholeNumber(least: number, most: number): Rule {
  return {
    allows: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
    allowed: `a whole number from ${least} to ${most}`,
  }
}

export function oneOf(...choices: readonly string[]): Rule {
  const shown = choices.map(show)
  return {
    allows: (value) => typeof value === 'string' && choices.includes(value),
    allowed: `${shown.slice(0, -1).join(', ')} or ${shown.at(-1) ?? ''}`,
  }
}

export const aFlag: Rule = {
  allows: (value) => typeof value === 'boolean',
  allowed: 'true or false',
}

export const aText: Rule = {
  allows: (value) => typeof value === 'string' && value.trim() !== '',
  allowed: 'a text',
}
