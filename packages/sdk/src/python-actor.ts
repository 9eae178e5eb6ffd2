import { ACTOR, type Actor } from './actor.ts'
import { DefinitionError, FatalError } from './errors.ts'
import type { IsNotInferred, NotInferred, OutputOf, WhyRefused } from './handler.ts'
import { checkActorOptions, type ActorOptions } from './options.ts'

/** The same in every copy of this package that a process may hold. */
const PYTHON = Symbol.for('asya.python-actor')

/** An actor of this project whose handler is written in Python. */
export interface PythonActor<In, Out> extends Actor<In, Out> {
  /** `package.module:function` or `module:Class.method`. */
  readonly python: string
}

/** The name of a handler when both types can travel, else the sentence that says why not. */
type CheckedHandler<In, Result> = [WhyPythonRefused<In, Result>] extends [never]
  ? string
  : WhyPythonRefused<In, Result>

type WhyPythonRefused<In, Result> =
  IsNotInferred<In> extends true
    ? "In: it has no type; write pythonActor<Page, Text>('module:function')"
    : IsNotInferred<Result> extends true
      ? "Out: it has no type; write pythonActor<Page, Text>('module:function')"
      : WhyRefused<In, Result>

const HANDLER = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/

/**
 * Declares an actor of this project whose handler is written in Python, so that a pipeline may route
 * to it with its types checked. `asya dev` runs it, and `asya build` makes a resource of it.
 *
 * The second type is what it returns, as if it were a handler: a list means that it fans out (the next
 * step takes one item), null that it may end the pipeline, void that it always does.
 *
 * ```ts
 * export const classify = pythonActor<Text, Label>('triage.classify:classify', { timeout: '1m' })
 * ```
 *
 * `python3 asya.py schema triage.classify:classify` writes the types of a handler with type hints as
 * JSON Schemas, of which `asya import` makes such a declaration.
 *
 * @throws DefinitionError for a name that no handler can have, or an option that is not allowed
 */
export function pythonActor<In = NotInferred, Result = NotInferred>(
  handler: CheckedHandler<In, Result>,
  options: ActorOptions = {},
): PythonActor<In, OutputOf<Result>> {
  const python: unknown = handler
  if (typeof python !== 'string' || !HANDLER.test(python))
    throw new DefinitionError([
      `pythonActor takes the name of a handler, such as 'triage.classify:classify', not ${JSON.stringify(python)}`,
    ])
  const actor = {
    process: (): never => {
      throw new FatalError(`${python} is written in Python: it is served by a Python runtime`)
    },
    options: checkActorOptions(options),
    python,
    [ACTOR]: true,
    [PYTHON]: true,
  }
  // The compiler cannot see through conditional types that are not decided yet.
  return Object.freeze(actor)
}

/** Whether a value was made by pythonActor, of this copy of the package or another. */
export function isPythonActor(value: unknown): value is PythonActor<never, unknown> {
  return typeof value === 'object' && value !== null && PYTHON in value
}
