/**
 * Sends frames to whoever answers them at a socket; round trips per second.
 *
 * Arguments: socket path, name of a payload, connections.
 */
import { messageOf, PAYLOADS, type PayloadName } from '../payloads.ts'
import { pingRate } from '../ping.ts'
import { serveRate } from '../rate-process.ts'

const MEASURED_MS = 3_000

const [socketPath = '', payload, connections] = process.argv.slice(2)
const body = messageOf(PAYLOADS[payload as PayloadName])

serveRate(() =>
  pingRate(socketPath, { body, connections: Number(connections), forMs: MEASURED_MS }),
)
