import { connect } from 'amqplib'

const TIMEOUT_MS = 2_000

/** Whether a broker takes connections, and these credentials. */
export async function isAnswering(url: string): Promise<boolean> {
  try {
    const model = await connect(url, { timeout: TIMEOUT_MS })
    model.on('error', () => undefined)
    await model.close()
    return true
  } catch {
    return false
  }
}
