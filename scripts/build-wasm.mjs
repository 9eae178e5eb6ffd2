/**
 * `node scripts/build-wasm.mjs [--check]`: assembles the scanner, and keeps its bytes in a module
 * beside it, so that bundlers carry them along. With `--check` it only compares.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import wabt from 'wabt'

const source = 'packages/protocol/src/container-scanner.wat'
const target = 'packages/protocol/src/container-scanner.wasm.ts'

const { parseWat } = await wabt()
const { buffer } = parseWat(source, readFileSync(source, 'utf8'), { simd: true }).toBinary({})
const lines =
  Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,90}/g) ?? []
const text = `/** Made of container-scanner.wat by scripts/build-wasm.mjs: do not edit. */
export const containerScannerWasm = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('')
`

if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  console.error(`${target} is not what ${source} makes: run node scripts/build-wasm.mjs`)
  process.exitCode = 1
}
