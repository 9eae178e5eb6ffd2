/**
 * `node scripts/build-dashboard.mjs [--check]`: bundles the script of the dashboard, and keeps it in a
 * module, so that the gateway carries it along wherever it is bundled. With `--check` it only compares.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { buildSync } from 'esbuild'

const source = 'packages/gateway/src/dashboard/client/client-main.tsx'
const target = 'packages/gateway/src/dashboard/generated/client-script.ts'

const { outputFiles } = buildSync({
  entryPoints: [source],
  bundle: true,
  write: false,
  format: 'esm',
  target: ['es2023', 'chrome123', 'firefox128', 'safari17.5'],
  minify: true,
  charset: 'ascii',
  legalComments: 'none',
  tsconfigRaw: { compilerOptions: { jsx: 'react-jsx', jsxImportSource: 'preact' } },
})
const script = outputFiles[0]?.text.trimEnd() ?? ''
const licence = readFileSync('node_modules/preact/LICENSE', 'utf8').trim()
const text = `/** Made of dashboard/client by scripts/build-dashboard.mjs: do not edit. */
export const CLIENT_SCRIPT = ${JSON.stringify(`/*! With Preact:\n${licence}\n*/\n${script}\n`)}
`

if (!process.argv.includes('--check')) {
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
  console.error(`${target} is not what ${source} makes: run node scripts/build-dashboard.mjs`)
  process.exitCode = 1
}
