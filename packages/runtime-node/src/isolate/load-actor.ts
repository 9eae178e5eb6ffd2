import { fileURLToPath, pathToFileURL } from 'node:url'
import { resolveHandler, type ModuleNamespace, type ResolvedHandler } from '@asya/sdk/invoke'

/** An `import` of node:fs also loads its promises and streams: 2 MiB that are never used here. */
const { existsSync } = process.getBuiltinModule('node:fs')

export type HostedActor = Extract<ResolvedHandler, { readonly ok: true }>['actor']

export type LoadedActor =
  | { readonly ok: true; readonly actor: HostedActor }
  /** `reason` is one line. */
  | { readonly ok: false; readonly reason: string }

/** Imports the module and finds the actor in it. Never rejects. */
export async function loadActor(handler: {
  readonly path: string
  readonly exportName: string | undefined
}): Promise<LoadedActor> {
  const { path, exportName } = handler
  // Said here, for Node would blame the runtime's own file for the import.
  if (!existsSync(path)) return refuse(`there is no file ${path}`)
  try {
    const module = (await import(pathToFileURL(path).href)) as ModuleNamespace
    const resolved = resolveHandler(module, exportName)
    return resolved.ok ? resolved : refuse(resolved.reason)
  } catch (error) {
    return refuse(await describeImportError(error, path))
  }
}

function refuse(reason: string): LoadedActor {
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
