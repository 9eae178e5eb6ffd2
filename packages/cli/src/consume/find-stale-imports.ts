import { existsSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Problem } from '@asya/compiler'
import { COMMAND, importActors } from './import-actors.ts'

/**
 * Declarations that were imported from a JSON Schema which says something else now. Those of AsyncAPI
 * documents are not looked at: to check such a document takes longer than all the rest.
 *
 * @param inputs the files that the project was read from, absolute
 */
export async function findStaleImports(
  projectDir: string,
  inputs: readonly string[],
): Promise<Problem[]> {
  const found = await Promise.all(inputs.map((path) => findStale(projectDir, path)))
  return found.flat()
}

const HEAD = new RegExp(`^// Made by \`${COMMAND}\` from (\\S+\\.json): `)

async function findStale(projectDir: string, path: string): Promise<Problem[]> {
  if (!path.endsWith('.ts')) return []
  const text = readFileSync(path, 'utf8')
  const [, source] = HEAD.exec(text) ?? []
  const from = source && resolve(dirname(path), source)
  // Where it is not, it cannot be compared with: another team may keep it.
  if (!source || !from || !existsSync(from) || !isOfActor(from)) return []
  const imported = await importActors(from, source)
  if (imported.text === text) return []
  const seen = (each: string): string => relative(projectDir, each).split(sep).join('/')
  return [
    {
      code: 'import-stale',
      severity: 'error',
      message: `${seen(from)} says something else than what was imported from it`,
      fix: `npx ${COMMAND} ${seen(from)} --out ${seen(path)}`,
      position: { file: seen(path), line: 1, column: 1 },
    },
  ]
}

/** Told apart by a look at the text: an AsyncAPI document says so in its first members. */
function isOfActor(path: string): boolean {
  return !/"asyncapi"\s*:/.test(readFileSync(path, 'utf8'))
}
