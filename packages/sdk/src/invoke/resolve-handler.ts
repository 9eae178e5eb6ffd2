import { suggestName } from '@asya/protocol/suggest-name'
import { isActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { AnyActor } from '../edge-type.ts'
import { isPipeline } from '../pipeline.ts'
import { isPythonActor } from '../python-actor.ts'
import { isRemoteActor } from '../remote-actor.ts'

export type ResolvedHandler =
  | { readonly ok: true; readonly actor: AnyActor; readonly exportName: string }
  | { readonly ok: false; readonly reason: string }

/** A module's exports, as `import()` gives them. */
export type ModuleNamespace = Readonly<Record<string, unknown>>

/**
 * Finds the actor in a module: the export of that name; without a name the default export, else the
 * only actor, else the only function. A plain function counts as an actor without options.
 */
export function resolveHandler(module: ModuleNamespace, exportName?: string): ResolvedHandler {
  if (exportName !== undefined) return resolveNamed(module, exportName)
  if ('default' in module) return resolveNamed(module, 'default')
  return resolveOnly(module)
}

function resolveNamed(module: ModuleNamespace, name: string): ResolvedHandler {
  const names = Object.keys(module)
  if (!names.includes(name)) {
    const reason = `there is no export ${name}${suggestName(name, names)} ${listNames(names)}`
    return { ok: false, reason }
  }
  const actor = toActor(module[name])
  if (actor) return { ok: true, actor, exportName: name }
  const kind = describeExport(module[name])
  const reason = `the export ${name} is ${kind}; export defineActor(…) ${listNames(findActors(module))}`
  return { ok: false, reason }
}

function describeExport(value: unknown): string {
  if (isRemoteActor(value)) return "somebody else's actor, which is served elsewhere"
  if (isPythonActor(value)) return 'an actor in Python, which the Python runtime serves'
  return isPipeline(value) ? 'a pipeline' : 'neither an actor nor a function'
}

function resolveOnly(module: ModuleNamespace): ResolvedHandler {
  const actors = findActors(module)
  const candidates =
    actors.length > 0 ? actors : Object.keys(module).filter((name) => toActor(module[name]))
  const [only] = candidates
  const actor = only === undefined ? undefined : toActor(module[only])
  if (only !== undefined && actor && candidates.length === 1)
    return { ok: true, actor, exportName: only }
  const reason =
    candidates.length === 0
      ? 'the module exports neither an actor nor a function; export defineActor(…)'
      : `the module exports several actors; name the one to run ${listNames(candidates)}`
  return { ok: false, reason }
}

function findActors(module: ModuleNamespace): string[] {
  return Object.keys(module).filter((name) => isOwnActor(module[name]))
}

function listNames(names: readonly string[]): string {
  return names.length === 0 ? '(there are none)' : `(there are: ${names.join(', ')})`
}

function isOwnActor(value: unknown): value is AnyActor {
  return isActor(value) && !isRemoteActor(value) && !isPythonActor(value)
}

type PlainHandler = (payload: never, ctx: Context) => unknown

function toActor(value: unknown): AnyActor | undefined {
  if (isOwnActor(value)) return value
  // Its parameters cannot be seen at run time.
  return typeof value === 'function' ? { process: value as PlainHandler, options: {} } : undefined
}
