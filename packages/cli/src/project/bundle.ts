import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { build, formatMessages, type BuildFailure, type Metafile } from 'esbuild'

/** A source file as it can be loaded. */
export interface BundledModule {
  /** Seen from the project: `actors/extract.ts`. */
  readonly source: string
  /** Absolute. */
  readonly path: string
  /** Changes exactly when the module, or what it imports of the project, does. */
  readonly hash: string
}

export type Bundle =
  | {
      readonly ok: true
      readonly modules: readonly BundledModule[]
      /** Every file that went in, absolute: what to watch. */
      readonly inputs: readonly string[]
    }
  | { readonly ok: false; readonly report: string }

export interface BundleOptions {
  readonly projectDir: string
  /** Seen from the project. */
  readonly files: readonly string[]
  /** Inside the project, so that its node_modules are found. */
  readonly outDir: string
}

/**
 * Bundles each file by itself, what they share in chunks of its own: loaded into one process, an
 * actor is the same object to its own module and to the pipelines that import it.
 */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const { projectDir, files, outDir } = options
  try {
    const { metafile } = await build({
      absWorkingDir: projectDir,
      entryPoints: [...files],
      outdir: outDir,
      outbase: projectDir,
      // Whatever the project's package.json says of `.js`.
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node22',
      sourcemap: 'inline',
      sourcesContent: false,
      metafile: true,
      logLevel: 'silent',
    })
    return {
      ok: true,
      modules: await describeOutputs(metafile, projectDir),
      inputs: Object.keys(metafile.inputs).map((input) => resolve(projectDir, input)),
    }
  } catch (error) {
    if (!isBuildFailure(error)) throw error
    const messages = await formatMessages(error.errors, { kind: 'error' })
    return { ok: false, report: messages.join('').trimEnd() }
  }
}

/** Whether esbuild found mistakes in what it was to bundle. */
export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

async function describeOutputs(
  metafile: Metafile,
  projectDir: string,
): Promise<readonly BundledModule[]> {
  const entries = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint)
  return Promise.all(
    entries.map(async ([path, { entryPoint = '' }]) => ({
      source: relative(projectDir, resolve(projectDir, entryPoint)).split(sep).join('/'),
      path: resolve(projectDir, path),
      hash: await hashClosure(metafile, projectDir, path),
    })),
  )
}

/** The hash of an output and all chunks that it imports. */
async function hashClosure(metafile: Metafile, projectDir: string, entry: string): Promise<string> {
  const reached = new Set([entry])
  for (const path of reached)
    for (const { path: imported, external } of metafile.outputs[path]?.imports ?? [])
      if (external !== true) reached.add(imported)
  const contents = await Promise.all([...reached].sort().map((p) => readFile(join(projectDir, p))))
  const hash = createHash('sha256')
  for (const content of contents) hash.update(String(content.length)).update(content)
  return hash.digest('base64url')
}
