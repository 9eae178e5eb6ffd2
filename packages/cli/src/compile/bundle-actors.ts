import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { writeHeader, type OutputFile } from '@asya/compiler'
import { build, formatMessages, type Metafile, type Plugin } from 'esbuild'
import * as z from 'zod/mini'
import { isBuildFailure } from '../project/bundle.ts'
import { sourceConditions } from '../programs.ts'
import { BUNDLES_FOLDER } from './output-folder.ts'

/** What of an actor a bundle is made of. */
interface BundleSource {
  readonly name: string
  /** Seen from the project. */
  readonly file: string
  readonly exportName: string
}

export interface BundleActorsOptions {
  readonly projectDir: string
  /** The folder of the build, from which the source maps name their sources. */
  readonly outDir: string
  /** In order of their names. */
  readonly actors: readonly BundleSource[]
  /**
   * `external`: what stands in `dependencies` of package.json stays an import, and is installed
   * beside the bundle. `bundled`: everything goes into the bundle.
   */
  readonly dependencies: 'external' | 'bundled'
}

export type BundledActors =
  | { readonly ok: true; readonly files: readonly OutputFile[] }
  /** Shows the place of every mistake. */
  | { readonly ok: false; readonly report: string }

/** The module in a bundle's folder. */
const HANDLER_FILE = 'handler.mjs'

/**
 * Bundles each actor by itself: `bundles/<actor>/handler.mjs` exports it under the name that its
 * author gave it. What is left to be installed stands in a
 * package.json beside it, in exact versions. Writes nothing.
 */
export async function bundleActors(options: BundleActorsOptions): Promise<BundledActors> {
  const { projectDir, outDir, actors } = options
  if (actors.length === 0) return { ok: true, files: [] }
  const externals = new Externals(options)
  try {
    const { metafile, outputFiles } = await build({
      absWorkingDir: projectDir,
      entryPoints: actors.map(({ name }) => ({ in: `${ACTOR}:${name}`, out: `${name}/handler` })),
      plugins: [entriesOf(actors, projectDir), externals.plugin()],
      // Never written: the texts are compared first.
      outdir: join(outDir, BUNDLES_FOLDER),
      outExtension: { '.js': '.mjs' },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      conditions: [...sourceConditions],
      sourcemap: 'linked',
      sourcesContent: false,
      metafile: true,
      logLevel: 'silent',
      banner: { js: options.dependencies === 'bundled' ? REQUIRE : '' },
    })
    const texts = new Map(outputFiles.map(({ path, text }) => [toPath(outDir, path), text]))
    const files = actors.flatMap((actor) => {
      const handler = join(outDir, BUNDLES_FOLDER, actor.name, HANDLER_FILE)
      const names = listPackages(metafile, toPath(projectDir, handler))
      return filesOf(actor, texts, externals.versionsOf(names))
    })
    return { ok: true, files }
  } catch (error) {
    if (!isBuildFailure(error)) throw error
    const messages = await formatMessages(error.errors, { kind: 'error' })
    return { ok: false, report: messages.join('').trimEnd() }
  }
}

const ACTOR = 'asya-actor'

/** CommonJS inside an ES module still calls `require` for Node's modules. */
const REQUIRE =
  "import { createRequire as createRequireOfBundle } from 'node:module'\n" +
  'const require = createRequireOfBundle(import.meta.url)'

/** A module for each actor, which exports it alone. */
function entriesOf(actors: readonly BundleSource[], projectDir: string): Plugin {
  const byName = new Map(actors.map((actor) => [actor.name, actor]))
  return {
    name: 'asya-actors',
    setup: (setup) => {
      setup.onResolve({ filter: new RegExp(`^${ACTOR}:`) }, ({ path }) => ({
        path: path.slice(ACTOR.length + 1),
        namespace: ACTOR,
      }))
      setup.onLoad({ filter: /.*/, namespace: ACTOR }, ({ path }) => {
        const { file = '', exportName = '' } = byName.get(path) ?? {}
        const contents = `export { ${exportName} } from ${JSON.stringify(`./${file}`)}`
        return { contents, resolveDir: projectDir, loader: 'js' }
      })
    },
  }
}

const PACKAGE = z.object({
  version: z.optional(z.string()),
  dependencies: z.optional(z.record(z.string(), z.string())),
  optionalDependencies: z.optional(z.record(z.string(), z.string())),
})

/** Comes with every actor: the image need not hold it. */
const ALWAYS_BUNDLED = new Set(['@asya/sdk'])

/** Which packages stay imports. */
class Externals {
  readonly #projectDir: string
  readonly #names: ReadonlySet<string>
  readonly #versions = new Map<string, string>()

  constructor({ projectDir, dependencies }: BundleActorsOptions) {
    this.#projectDir = projectDir
    const { dependencies: named, optionalDependencies } = readPackage(projectDir)
    const names = Object.keys({ ...named, ...optionalDependencies })
    const kept = names.filter((name) => !ALWAYS_BUNDLED.has(name) && this.#findVersion(name))
    this.#names = new Set(dependencies === 'external' ? kept : [])
  }

  plugin(): Plugin {
    return {
      name: 'asya-externals',
      setup: (setup) => {
        setup.onResolve({ filter: /^[^./]/ }, ({ path }) =>
          this.#names.has(nameOfPackage(path)) ? { path, external: true } : undefined,
        )
      },
    }
  }

  /** The installed versions of these, in order of their names. */
  versionsOf(names: ReadonlySet<string>): Readonly<Record<string, string>> {
    const sorted = [...names].sort()
    return Object.fromEntries(sorted.map((name) => [name, this.#versions.get(name) ?? '*']))
  }

  /** False for a package that npm could not install elsewhere: one that is linked from a folder. */
  #findVersion(name: string): boolean {
    for (let at = this.#projectDir; ; at = dirname(at)) {
      const folder = join(at, 'node_modules', name)
      if (existsSync(join(folder, 'package.json'))) {
        const { version } = readPackage(folder)
        this.#versions.set(name, version ?? '*')
        return realpathSync(folder).includes(`${sep}node_modules${sep}`)
      }
      if (at === dirname(at)) return false
    }
  }
}

function readPackage(folder: string): z.infer<typeof PACKAGE> {
  const path = join(folder, 'package.json')
  if (!existsSync(path)) return {}
  const parsed = z.safeParse(PACKAGE, JSON.parse(readFileSync(path, 'utf8')))
  return parsed.success ? parsed.data : {}
}

function listPackages(metafile: Metafile, output: string): ReadonlySet<string> {
  const imports = metafile.outputs[output]?.imports ?? []
  const names = imports.filter(({ external, path }) => external === true && !isBuiltin(path))
  return new Set(names.map(({ path }) => nameOfPackage(path)))
}

function nameOfPackage(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}

function toPath(from: string, path: string): string {
  return relative(from, path).split(sep).join('/')
}

function filesOf(
  { name, file }: BundleSource,
  texts: ReadonlyMap<string, string>,
  dependencies: Readonly<Record<string, string>>,
): OutputFile[] {
  const made = writeHeader([file])
  const folder = `${BUNDLES_FOLDER}/${name}`
  const path = `${folder}/${HANDLER_FILE}`
  const manifest = { name, description: made, private: true, type: 'module', dependencies }
  return [
    { path, content: `// ${made}\n${texts.get(path) ?? ''}` },
    { path: `${path}.map`, content: moveDown(texts.get(`${path}.map`) ?? '', made) },
    { path: `${folder}/package.json`, content: `${JSON.stringify(manifest, null, 2)}\n` },
  ]
}

const SOURCE_MAP = z.looseObject({ mappings: z.string() })

/** A source map for the same code one line further down, where it follows its header. */
function moveDown(text: string, made: string): string {
  const { mappings, ...rest } = z.parse(SOURCE_MAP, JSON.parse(text))
  return `${JSON.stringify({ x_made: made, ...rest, mappings: `;${mappings}` })}\n`
}
