import { readdirSync, readFileSync } from 'node:fs'

/** Reads the golden corpus (asyncapi/README.md, "Fixtures"). */

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

/** The fixtures of a folder, such as `asyncapi/fixtures/valid/`, sorted by name. */
export function readFixtures(folder: URL): readonly Fixture[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const fixture = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture
      if (`${fixture.rule}.json` !== name) throw new Error(`${name} holds ${fixture.rule}`)
      return fixture
    })
}

/** All fixtures, those that are valid first. @param folder `asyncapi/fixtures/` */
export function readCorpus(folder: URL): readonly Fixture[] {
  return ['valid/', 'invalid/'].flatMap((name) => readFixtures(new URL(name, folder)))
}

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
