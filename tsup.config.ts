import { cpSync, readdirSync, readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'
import { defineConfig, type Options } from 'tsup'

/** Entries that no package.json names, because they are started by their path. */
const extraEntries: Readonly<Record<string, readonly string[]>> = {
  'create-asya': ['./dist/main.js'],
  cli: [
    './dist/main.js',
    './dist/project/inspect-main.js',
    './dist/project/model-reader-main.js',
    './dist/dev/parent-guard.js',
  ],
}

/**
 * Also started by their path, and bundled into one file each: the chunks that they shared with main
 * held what only main needs, which cost the thread of every actor 0.4 MiB.
 */
const loneEntries: Readonly<Record<string, readonly string[]>> = {
  'runtime-node': [
    './dist/isolate/process/process-main.js',
    './dist/isolate/thread/thread-main.js',
  ],
}

/** Read, and never run: what `asya docs` puts into a page, and the corpus of `asya conformance`. */
const assets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cli: {
    fixtures: 'asyncapi/fixtures',
    'asyncapi-react/standalone.js':
      'node_modules/@asyncapi/react-component/browser/standalone/index.js',
    'asyncapi-react/LICENSES.txt':
      'node_modules/@asyncapi/react-component/browser/standalone/index.js.LICENSE.txt',
    'asyncapi-react/default.min.css':
      'node_modules/@asyncapi/react-component/styles/default.min.css',
  },
}

/**
 * Of the client of Kubernetes we use what reads kubeconfigs and authenticates. What it would send
 * requests with (undici, and the whole API as classes) is 2 MB of code and 14 MiB of memory.
 */
const leaveOutKubeRequests: Plugin = {
  name: 'leave-out-kube-requests',
  setup(build) {
    const namespace = 'unused-of-client-node'
    build.onResolve({ filter: /^(?:undici|\.\/gen\/index\.js|\.\/middleware\.js)$/ }, (args) =>
      /client-node[/\\]dist[/\\]/.test(args.importer) ? { path: args.path, namespace } : undefined,
    )
    build.onLoad({ filter: /./, namespace }, () => ({ contents: 'module.exports = {}' }))
  },
}

interface Manifest {
  readonly private?: boolean
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/**
 * CommonJS inside an ES module (pino, prom-client) still calls `require` for Node's modules. Only
 * where there is some: node:module costs 0.5 MiB in each thread of the runtime.
 */
const bundlesCommonJs: ReadonlySet<string> = new Set(['sidecar', 'operator', 'gateway', 'cli'])
const requireBanner =
  "import { createRequire as createRequireOfBundle } from 'node:module';" +
  'const require = createRequireOfBundle(import.meta.url);'

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(`packages/${folder}/package.json`, 'utf8')) as Manifest
}

/** What a package.json promises as `./dist/x.js` (or `.d.ts`) is built from `src/x.ts`. */
function listEntries(folder: string, targets: readonly string[], ending: '.js' | '.d.ts') {
  const names = targets
    .filter((target) => target.startsWith('./dist/') && target.endsWith(ending))
    .map((target) => target.slice('./dist/'.length, -ending.length))
  return Object.fromEntries(names.map((name) => [name, `packages/${folder}/src/${name}.ts`]))
}

/** What stands in `dependencies` or `peerDependencies` stays an import; everything else is bundled. */
function configure(folder: string): Options[] {
  const manifest = readManifest(folder)
  const targets = [
    ...Object.values(manifest.exports ?? {}).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    ),
    ...Object.values(manifest.bin ?? {}),
    ...(extraEntries[folder] ?? []),
  ]
  const types = listEntries(folder, targets, '.d.ts')
  const lone = listEntries(folder, loneEntries[folder] ?? [], '.js')
  const options: Options = {
    name: folder,
    entry: listEntries(folder, targets, '.js'),
    outDir: `packages/${folder}/dist`,
    tsconfig: `packages/${folder}/tsconfig.json`,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    splitting: true,
    sourcemap: false,
    // Both builds of a folder run at once: neither may remove what the other has written.
    clean: Object.keys(lone).map((name) => `!${name}.js`),
    silent: true,
    onSuccess: async () => {
      for (const [name, source] of Object.entries(assets[folder] ?? {}))
        cpSync(source, `packages/${folder}/dist/${name}`, { recursive: true })
    },
    external: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).map(
      (name) => new RegExp(`^${name}($|/)`),
    ),
    dts: Object.keys(types).length > 0 && {
      entry: types,
      compilerOptions: {
        composite: false,
        // By its path it is bundled; by its name rollup would leave the import of a private package.
        paths: { '@asya/protocol': ['./packages/protocol/src/index.ts'] },
      },
    },
    ...(bundlesCommonJs.has(folder) && { banner: { js: requireBanner } }),
    esbuildPlugins: [leaveOutKubeRequests],
    esbuildOptions(options) {
      options.conditions = ['source']
    },
  }
  if (Object.keys(lone).length === 0) return [options]
  return [options, { ...options, entry: lone, splitting: false, clean: false, dts: false }]
}

export default defineConfig(
  readdirSync('packages')
    .filter((folder) => readManifest(folder).private !== true)
    .flatMap(configure),
)
