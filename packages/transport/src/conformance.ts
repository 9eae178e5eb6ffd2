import { afterEach, beforeEach, describe, it } from 'vitest'
import { consumingLaws } from './conformance/consuming.ts'
import { cuttingLaws } from './conformance/cutting.ts'
import { delayingLaws } from './conformance/delaying.ts'
import type { Harness, Laws } from './conformance/harness.ts'
import { interleavingLaws } from './conformance/interleavings.ts'
import { publishingLaws } from './conformance/publishing.ts'

export { type Harness } from './conformance/harness.ts'

const CHAPTERS: Readonly<Record<string, Laws>> = {
  publishing: publishingLaws,
  consuming: consumingLaws,
  'losing the connection': cuttingLaws,
  delaying: delayingLaws,
  'any order of events': interleavingLaws,
}

/** Above all of a law's own deadlines, so that these say what was missing. */
const LAW_TIMEOUT_MS = 60_000
const INTERLEAVINGS_TIMEOUT_MS = 600_000

/**
 * Registers the laws of transport.ts as vitest tests. `open` is called for each of them; queues
 * are named at random, so that one queue system may serve them all.
 */
export function describeTransport(name: string, open: () => Promise<Harness>): void {
  describe(`${name} obeys the laws of a transport`, () => {
    let harness: Harness
    beforeEach(async () => {
      harness = await open()
    })
    afterEach(() => harness.close())
    for (const [chapter, laws] of Object.entries(CHAPTERS)) {
      const timeout = laws === interleavingLaws ? INTERLEAVINGS_TIMEOUT_MS : LAW_TIMEOUT_MS
      describe(chapter, () => {
        for (const [law, prove] of Object.entries(laws)) it(law, { timeout }, () => prove(harness))
      })
    }
  })
}
