import { decodeMessage, encodeMessage } from '@asya/protocol'
import { compare, ratePerSecond, type Row } from './measure.ts'
import { messageOf, textOf, treeOf } from './payloads.ts'

/**
 * What a hop costs the sidecar in codec: scan the message, advance its route, write it again; against
 * doing the same with JSON.parse and JSON.stringify.
 */
export async function* benchCodec(): AsyncGenerator<Row> {
  for (const [size, bytes] of SIZES) {
    for (const [kind, payloadOf] of KINDS) {
      const body = messageOf(payloadOf(bytes))
      yield await compare({
        row: `codec/${size}/${kind}`,
        unit: 'hops/s',
        measured: () =>
          ratePerSecond(() => {
            hopByScanning(body)
          }, MEASURED_MS),
        baseline: () =>
          ratePerSecond(() => {
            hopByParsing(body)
          }, MEASURED_MS),
      })
    }
  }
}

const MEASURED_MS = 400
const SIZES = [
  ['1KB', 1_000],
  ['100KB', 100_000],
  ['10MB', 10_000_000],
] as const
const KINDS = [
  ['tree', treeOf],
  ['text', textOf],
] as const

function hopByScanning(body: Buffer): Buffer {
  const decoded = decodeMessage(body)
  if (!decoded.ok) throw new Error(decoded.failure.reason)
  const { message } = decoded
  const route = { ...message.route, current: message.route.current + 1 }
  return encodeMessage({ ...message, route })
}

function hopByParsing(body: Buffer): Buffer {
  const message = JSON.parse(body.toString()) as { route: { current: number } }
  message.route.current++
  return Buffer.from(JSON.stringify(message))
}
