import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** What the main entry may take along: small files of the protocol, none of them a codec. */
const LIGHT = ['@asya/protocol/actor-options', '@asya/protocol/duration', '@asya/protocol/retry']

const FROM = /^(?:import|export) (type )?\{[^}]*\} from '([^']+)'/gm

/** The packages that a file and all that it imports take along, types left out. */
function listPackages(file: URL, seen = new Set<string>()): string[] {
  if (seen.has(file.href)) return []
  seen.add(file.href)
  const imports = [...readFileSync(file, 'utf8').matchAll(FROM)]
  return imports.flatMap(([, isType, source = '']) => {
    if (isType) return []
    return source.startsWith('.') ? listPackages(new URL(source, file), seen) : [source]
  })
}

test('The main entry takes no codec along, and nothing that must be installed.', () => {
  expect(listPackages(new URL('index.ts', import.meta.url)).toSorted()).toEqual(LIGHT)
})
