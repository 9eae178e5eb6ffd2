/** No broker can be had; `message` says why, and what to do. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly code = 'broker_error'
}
