import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  resolveHandler,
  type Guard,
  type ModuleNamespace,
  type ResolvedHandler,
} from '@asya/sdk/invoke'

/** An `import` of node:fs also loads its promises and streams: 2 MiB that are never used here. */
const { existsSync } = process.getBuiltinModule('node:fs')

/** What a host runs. */
export interface HostedActor {
  readonly actor: Extract<ResolvedHandler, { readonly ok: true }>['actor']
  readonly guard: Guard | undefined
}

interface Refusal {
  readonly ok: false
  /** One line. */
  readonly reason: string
}

export type LoadedActor = ({ readonly ok: true } & HostedActor) | Refusal

/** Imports the module and finds the actor in it, and its guard if it has one. Never rejects. */
export async function loadActor(handler: {
  readonly path: string
  readonly exportName: string | undefined
  readonly guardPath: string | undefined
}): Promise<LoadedActor> {
  const { path, exportName, guardPath } = handler
  const imported = await importModule(path)
  if (!imported.ok) return imported
  const resolved = resolveHandler(imported.module, exportName)
  if (!resolved.ok) return refuse(resolved.reason)
  const { actor } = resolved
  if (guardPath === undefined) return { ok: true, actor, guard: undefined }
  const guarded = await loadGuard(guardPath)
  return guarded.ok ? { ok: true, actor, guard: guarded.guard } : guarded
}

async function loadGuard(path: string): Promise<{ readonly ok: true; guard: Guard } | Refusal> {
  const imported = await importModule(path)
  if (!imported.ok) return refuse(`ASYA_GUARD: ${imported.reason}`)
  const { module } = imported
  if (isGuard(module)) return { ok: true, guard: module }
  return refuse(
    `ASYA_GUARD: ${path} does not export checkInput and checkOutput; asya build makes it`,
  )
}

function isGuard(module: ModuleNamespace): module is ModuleNamespace & Guard {
  return typeof module['checkInput'] === 'function' && typeof module['checkOutput'] === 'function'
}

async function importModule(
  path: string,
): Promise<{ readonly ok: true; readonly module: ModuleNamespace } | Refusal> {
  // Said here, for Node would blame the runtime's own file for the import.
  if (!existsSync(path)) return refuse(`there is no file ${path}`)
  try {
    return { ok: true, module: (await import(pathToFileURL(path).href)) as ModuleNamespace }
  } catch (error) {
    return refuse(await describeImportError(error, path))
  }
}

function refuse(reason: string): Refusal {
  return { ok: false, reason: reason.replace(/\s*\n\s*/g, ' ').trim() }
}

/** What went wrong, and where. */
async function describeImportError(error: unknown, path: string): Promise<string> {
  if (!(error instanceof Error)) return `the module threw ${String(error)}`
  const text = `${error.name}: ${error.message}`
  const isSyntax = error instanceof SyntaxError
  const place = findPlace(error.stack ?? '') ?? (isSyntax ? await checkSyntax(path) : undefined)
  return place === undefined || text.includes(place) ? text : `${text} (${place})`
}

const PLACE = /(?:file:\/\/)?(\/[^\s():]+:\d+)/

/** The first line of the author's that a stack names. */
function findPlace(stack: string): string | undefined {
  const own = fileURLToPath(import.meta.url)
  return stack
    .split('\n')
    .filter((line) => !line.includes('node:') && !line.includes(own))
    .map((line) => PLACE.exec(line)?.[1])
    .find((place) => place !== undefined)
}

/** Node keeps the place of a syntax error to itself until it dies of it. */
async function checkSyntax(path: string): Promise<string | undefined> {
  const { spawnSync } = await import('node:child_process')
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' })
  return PLACE.exec(stderr)?.[1]
}
