import { readdirSync, readFileSync } from 'node:fs'

/** Reads the golden corpus (README.md, "Fixtures"). */

/** Bytes are the concatenation of these. */
type Part =
  | { readonly text: string }
  | { readonly base64: string }
  | { readonly repeat: string; readonly times: number }

export interface Fixture {
  /** Name of the rule that the fixture shows; also the name of its file. */
  readonly rule: string
  readonly reason: string
  readonly kind: 'message' | 'request' | 'reply' | 'frame'
  readonly bytes: readonly Part[]
  readonly verdict: { readonly envelope: string; readonly payload?: 'ok' | 'invalid' }
  /** What a reader must find in the bytes. */
  readonly decoded?: Readonly<Record<string, unknown>>
  /** Frames only: the bodies that the stream holds, and the limit if it is not the default. */
  readonly frames?: readonly string[]
  readonly limit_bytes?: number
}

const here = new URL('.', import.meta.url)

function listNames(folder: string): readonly string[] {
  return readdirSync(new URL(folder, here)).sort()
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, here), 'utf8'))
}

function readFolder(folder: string): readonly Fixture[] {
  return listNames(folder).map((name) => {
    const fixture = readJson(`${folder}${name}`) as Fixture
    if (`${fixture.rule}.json` !== name) throw new Error(`${folder}${name} holds ${fixture.rule}`)
    return fixture
  })
}

/** Those that every reader accepts: envelope and payload are ok. */
export const validFixtures = readFolder('fixtures/valid/')

/** Those whose envelope or payload somebody refuses. */
export const invalidFixtures = readFolder('fixtures/invalid/')

export const allFixtures = [...validFixtures, ...invalidFixtures]

/** The bytes that a fixture describes. */
export function toBytes(fixture: Fixture): Buffer {
  return Buffer.concat(
    fixture.bytes.map((part) => {
      if ('text' in part) return Buffer.from(part.text)
      if ('base64' in part) return Buffer.from(part.base64, 'base64')
      return Buffer.from(part.repeat.repeat(part.times))
    }),
  )
}

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
