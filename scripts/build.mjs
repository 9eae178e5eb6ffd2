import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { run } from './process.mjs'

const stampPath = 'node_modules/.asya-build'

/**
 * Bundles the published packages, unless sources and bundles are those of the last build.
 *
 * @param {import('./setup.mjs').Tools} tools
 */
export async function build({ env }) {
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === hashPackages()) return 0
  const start = Date.now()
  const status = await run('tsup', [], { env, isQuiet: true })
  if (status === 0) writeFileSync(stampPath, hashPackages())
  const seconds = ((Date.now() - start) / 1000).toFixed(1)
  console.error(status === 0 ? `built the packages in ${seconds} s` : 'the build failed, see above')
  return status
}

/** One hash of all that goes into a build and of all that came out of it. */
function hashPackages() {
  const hash = createHash('sha256')
  const sources = readdirSync('packages', { recursive: true })
    .map((name) => `packages/${String(name)}`)
    .filter((name) => /^[^/]+\/[^/]+\/((src|dist)\/.*\.(ts|js)|[^/]+\.json)$/.test(name))
  const settings = ['tsup.config.ts', 'tsconfig.base.json', 'package-lock.json']
  for (const name of [...sources.sort(), ...settings]) {
    hash.update(`${name}\n`).update(readFileSync(name)).update('\n')
  }
  return hash.digest('hex')
}
