import { readdirSync, readFileSync } from 'node:fs'
import { readFixtures } from '@asya/conformance'

export { toBytes, type Fixture } from '@asya/conformance'

/** Reads the golden corpus (README.md, "Fixtures"). */

const here = new URL('.', import.meta.url)

function listNames(folder: string): readonly string[] {
  return readdirSync(new URL(folder, here)).sort()
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, here), 'utf8'))
}

/** Those that every reader accepts: envelope and payload are ok. */
export const validFixtures = readFixtures(new URL('fixtures/valid/', here))

/** Those whose envelope or payload somebody refuses. */
export const invalidFixtures = readFixtures(new URL('fixtures/invalid/', here))

export const allFixtures = [...validFixtures, ...invalidFixtures]

export interface GenerationVector {
  readonly reason: string
  readonly outputs: readonly {
    readonly payload_text: string
    readonly steps?: readonly string[]
  }[]
  readonly generation: string
}

export interface ChildIdVector {
  readonly reason: string
  readonly parent_id: string
  readonly step_index: number
  readonly step: string
  readonly generation: string
  readonly index: number
  readonly id: string
}

export const generationVectors = readJson(
  'fixtures/derived/generations.json',
) as readonly GenerationVector[]

export const childIdVectors = readJson(
  'fixtures/derived/child-ids.json',
) as readonly ChildIdVector[]

/** The JSON Schemas by the name of their file, without `.schema.json`. */
export const schemas: ReadonlyMap<string, object> = new Map(
  listNames('schemas/').map((name) => [
    name.replace('.schema.json', ''),
    readJson(`schemas/${name}`) as object,
  ]),
)
