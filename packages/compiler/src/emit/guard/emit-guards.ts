import type { ActorModel, Model } from '../../model/model.ts'
import type { OutputFile } from '../../model/output-file.ts'
import { listReachable } from '../asyncapi/reachable.ts'
import { writeHeader } from '../header.ts'
import { writeGuard } from './write-guard.ts'

/**
 * What the last build made, by what it was made of: `--watch` builds again after each change, and to
 * generate the code of a guard is most of what an actor costs.
 */
let lastGuards: ReadonlyMap<string, string> = new Map()

/** A guard for each actor that the Node runtime runs. */
export function emitGuards(model: Model): readonly OutputFile[] {
  const guards = new Map<string, string>()
  const files = model.actors
    .filter(({ kind }) => kind === 'node')
    .map((actor) => {
      const key = describeTypes(actor, model)
      const guard = lastGuards.get(key) ?? writeGuard(actor, model)
      guards.set(key, guard)
      const content = `// ${writeHeader([actor.declared.file])}\n\n${guard}`
      return { path: `guards/${actor.name}.mjs`, content }
    })
  lastGuards = guards
  return files
}

/** Everything that a guard follows from. */
function describeTypes({ input, output }: ActorModel, { schemas }: Model): string {
  const types = [input.schema, output?.schema]
  const names = listReachable(
    types.filter((type) => type !== undefined),
    schemas,
  )
  return JSON.stringify([types, names.map((name) => [name, schemas[name]])])
}
