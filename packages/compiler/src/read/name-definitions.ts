import { ERROR_END, HAPPY_END, isActorName, nameFromExport } from '@asya/protocol'
import type { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import type { Definition, Exported } from './definition.ts'
import { spanOf } from './source-position.ts'

/** A definition with the name of its queue or its tool. */
export interface Named {
  readonly definition: Definition
  readonly name: string
  readonly exported: Exported
}

/** What the options say of a definition's name, and where. */
export interface GivenName {
  readonly name: string | undefined
  readonly place: ts.Node | undefined
}

/**
 * Gives each definition its name: the one in its options, or else that of its export. `asya dev`
 * applies the same rules to the loaded modules.
 */
export function nameDefinition(
  definition: Definition,
  given: GivenName,
  tools: { readonly projectDir: string; readonly problems: Problem[] },
): Named | undefined {
  const kind = definition.kind === 'pipeline' ? 'pipeline' : 'actor'
  const article = kind === 'actor' ? 'an actor' : 'a pipeline'
  const refuse = (code: string, message: string, fix: string): Named | undefined => {
    const span = spanOf(given.place ?? definition.holder, tools.projectDir)
    tools.problems.push({ code, severity: 'error', message, fix, ...span })
    return undefined
  }
  const byName = definition.exports.filter(({ exportName }) => exportName !== 'default')
  const [exported = definition.exports[0]] = byName
  if (!exported) return undefined
  if (given.name === undefined && exported.exportName === 'default')
    return refuse(
      'name-missing',
      `${exported.source} exports ${article} by default, which gives it no name`,
      `export it by name, or write { name: '…' } in its options`,
    )
  const names = new Set(byName.map(({ exportName }) => nameFromExport(exportName)))
  if (given.name === undefined && names.size > 1)
    return refuse(
      'name-ambiguous',
      `one ${kind} is exported under ${names.size} names (${definition.exports.map(showExport).join(', ')})`,
      `keep one, or write { name: '…' } in its options`,
    )
  const name = given.name ?? nameFromExport(exported.exportName)
  if (!isActorName(name))
    return refuse(
      'name-refused',
      `"${name}" cannot be the name of ${article}: at most 50 of a-z, 0-9 and "-", beginning with a letter and not ending with "-"`,
      `write another as { name: '…' } in its options`,
    )
  if (kind === 'actor' && (name === HAPPY_END || name === ERROR_END))
    return refuse(
      'name-reserved',
      `"${name}" is the name of an end of every pipeline`,
      `choose another, as { name: '…' } in its options`,
    )
  return { definition, name, exported }
}

function showExport({ source, exportName }: Exported): string {
  return exportName === 'default' ? `${source} (default)` : `${source} (${exportName})`
}

/** Two actors of one queue would take each other's messages; two pipelines of one name are one tool. */
export function findTwins(
  all: readonly (Named & { readonly queue?: string })[],
  kind: 'actor' | 'pipeline',
  projectDir: string,
): Problem[] {
  const byQueue = Map.groupBy(all, ({ name, queue }) => queue ?? name)
  const byName = Map.groupBy(all, ({ name }) => name)
  const groups = [
    ...[...byName].map(([name, twins]) => ({ what: `are named "${name}"`, twins })),
    ...[...byQueue]
      // Told as twins of one name.
      .filter(([, twins]) => new Set(twins.map(({ name }) => name)).size > 1)
      .map(([queue, twins]) => ({ what: `consume the queue "${queue}"`, twins })),
  ]
  return groups.flatMap(({ what, twins }): Problem[] => {
    const [first, ...others] = twins
    if (!first || others.length === 0) return []
    const places = twins.map(({ exported }) => showExport(exported)).join(', ')
    return [
      {
        code: `${kind}-twins`,
        severity: 'error',
        message: `${twins.length} ${kind}s ${what}: ${places}`,
        fix: `rename all but one, or give them names as { name: '…' } in their options`,
        ...spanOf(first.definition.holder, projectDir),
        related: others.map(({ definition, exported }) => ({
          message: `the same is ${exported.exportName}`,
          position: spanOf(definition.holder, projectDir).position,
        })),
      },
    ]
  })
}
