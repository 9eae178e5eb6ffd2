import { isShutdown } from '@asya/protocol'
import { CLOSED, Peer, readFailure, readItems } from '@asya/conformance/peers'
import { expect, test } from 'vitest'
import { allFixtures, toBytes, validFixtures } from '../asyncapi/corpus.ts'
import { makeRandom, Mutator } from '../asyncapi/mutate.ts'
import { python } from './pythons.ts'
import { nodeProgram, pythonProgram, RuntimeProcess } from './runtime-process.ts'

/**
 * Both runtimes are sent the same mutated requests, and must agree on what each of them is. The same
 * mutations each time; `ASYA_FUZZ=full` sends twenty times as many, other ones each time, and
 * `ASYA_FUZZ_SEED` repeats a run.
 */

const isFull = process.env['ASYA_FUZZ'] === 'full'
const seed = Number(process.env['ASYA_FUZZ_SEED'] ?? (isFull ? Date.now() % 1_000_000_000 : 1))
const REQUESTS = 5_000 * (isFull ? 20 : 1)
/** Large fixtures show limits, and would only slow this down. */
const MAX_SEED_BYTES = 2_000

function makeRequests(): readonly Buffer[] {
  const corpus = [...allFixtures, ...validFixtures]
    .filter(({ kind }) => kind === 'message' || kind === 'request')
    .map(toBytes)
    .filter((bytes) => bytes.length <= MAX_SEED_BYTES)
  const mutator = new Mutator(makeRandom(seed), corpus)
  return Array.from({ length: REQUESTS }, () => mutator.mutate()).filter(
    (body) => !isShutdown(body),
  )
}

/** What a runtime makes of each body: `served`, or the code of its refusal. */
async function judge(runtime: RuntimeProcess, bodies: readonly Buffer[]): Promise<string[]> {
  const verdicts: string[] = []
  let peer = await Peer.open(runtime.socketPath)
  for (const body of bodies) {
    if (peer.isClosed) peer = await Peer.open(runtime.socketPath)
    peer.sendBody(body)
    const { last } = await peer.answer(30_000)
    if (last === CLOSED) throw new Error(`closed on ${body.toString('base64')}`)
    const [item] = readItems(last)
    const code = item && 'error' in item ? readFailure(last).code : 'served'
    verdicts.push(code)
  }
  peer.close()
  return verdicts
}

test.runIf(python)(
  'Node and Python agree on every mutated request',
  { timeout: 600_000 },
  async () => {
    if (!python) return
    const bodies = makeRequests()
    const runtimes = [
      await RuntimeProcess.start(nodeProgram('constant.ts')),
      await RuntimeProcess.start(pythonProgram(python, 'constant:constant')),
    ]
    const [ofNode = [], ofPython = []] = await Promise.all(
      runtimes.map((runtime) => judge(runtime, bodies)),
    )
    for (const runtime of runtimes) await runtime.stop()
    const differing = bodies.flatMap((body, at) =>
      // Some have no time left, or some milliseconds: being late is no verdict on the request.
      ofNode[at] === ofPython[at] || [ofNode[at], ofPython[at]].includes('timeout_error')
        ? []
        : [{ node: ofNode[at], python: ofPython[at], body: body.toString('latin1') }],
    )
    expect(differing.slice(0, 20)).toEqual([])
    const served = ofNode.filter((verdict) => verdict === 'served').length
    expect(served).toBeGreaterThan(bodies.length / 20)
    console.log(`fuzz: ${bodies.length} requests, ${served} served, seed ${seed}`)
  },
)
