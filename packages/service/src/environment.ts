import * as z from 'zod/mini'

/**
 * Reads a process's configuration from environment variables: all problems at once, each with the
 * name, the value and what is allowed. An empty variable counts as unset.
 */

/** One variable: how its text is read, and what to say when it cannot be. */
export interface Variable<T> {
  readonly schema: z.ZodMiniType<T, string>
  /** Completes "… is "x": expected …". */
  readonly allowed: string
  /** Value when unset; a variable without one is required. */
  readonly fallback?: { readonly value: T }
  /** Other names it may come under, tried in order after its own. */
  readonly aliases?: readonly string[]
  /** The value is never shown. */
  readonly isSecret?: boolean
}

export type Values<Spec extends Readonly<Record<string, Variable<unknown>>>> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Variable<infer T> ? T : never
}

/** Bad configuration: the process cannot start. `problems` has a line for each variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code = 'configuration_error'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`bad configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Reads all variables of `spec` from `source`. Throws ConfigurationError with every problem. */
export function readEnvironment<Spec extends Readonly<Record<string, Variable<unknown>>>>(
  spec: Spec,
  source: Readonly<Record<string, string | undefined>>,
): Values<Spec> {
  const problems: string[] = []
  const values = Object.entries(spec).map(([name, variable]) => {
    const names = [name, ...(variable.aliases ?? [])]
    const found = names.find(
      (candidate) => source[candidate] !== undefined && source[candidate] !== '',
    )
    if (found === undefined) {
      if (!variable.fallback) problems.push(`${name} is not set: expected ${variable.allowed}`)
      return [name, variable.fallback?.value] as const
    }
    const parsed = z.safeParse(variable.schema, source[found])
    if (parsed.success) return [name, parsed.data] as const
    const shown = variable.isSecret ? 'a secret' : JSON.stringify(source[found])
    problems.push(`${found} is ${shown}: expected ${variable.allowed}`)
    return [name, undefined] as const
  })
  if (problems.length > 0) throw new ConfigurationError(problems)
  return Object.fromEntries(values) as Values<Spec>
}

/** Makes a variable optional: `value` stands for it when it is unset. */
export function withDefault<T, D>(variable: Variable<T>, value: D): Variable<T | D> {
  return { ...variable, fallback: { value } }
}

/** Any text. */
export function text(allowed = 'text'): Variable<string> {
  return { schema: z.string(), allowed }
}

/** Text that `parse` reads; undefined from it means "not allowed". */
export function parsed<T>(
  parse: (value: string) => T | undefined,
  allowed: string,
): Variable<NonNullable<T>> {
  const schema = z.pipe(
    z.string().check(z.refine((value) => parse(value) !== undefined)),
    z.transform((value: string) => parse(value) as NonNullable<T>),
  )
  return { schema, allowed }
}

/** A whole number within bounds. */
export function integer(min: number, max: number): Variable<number> {
  return parsed(
    (value) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN
      return number >= min && number <= max ? number : undefined
    },
    `a whole number from ${String(min)} to ${String(max)}`,
  )
}

export function boolean(): Variable<boolean> {
  const words = new Map([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])
  return parsed((value) => words.get(value.toLowerCase()), 'true or false')
}

export function choice<const T extends string>(...values: readonly T[]): Variable<T> {
  return parsed(
    (value) => values.find((known) => known === value.toLowerCase()),
    `one of ${values.join(', ')}`,
  )
}

/** An http or https URL, without a trailing slash. */
export function httpUrl(): Variable<string> {
  return parsed(
    (value) =>
      URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
        ? value.replace(/\/+$/, '')
        : undefined,
    'an http:// or https:// URL',
  )
}

/** `[host]:port`, as Go writes it; an empty host means all interfaces. */
export function listenAddress(): Variable<ListenAddress> {
  return parsed(parseAddress, '[host]:port, such as :8080 or 127.0.0.1:8080')
}

export interface ListenAddress {
  readonly host: string | undefined
  readonly port: number
}

function parseAddress(value: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(value)
  if (!match) return undefined
  const port = Number(match[3])
  if (port > 65_535) return undefined
  const host = match[1] ?? match[2]
  return { host: host === '' ? undefined : host, port }
}
