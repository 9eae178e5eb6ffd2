/** The broker's refusals, in the words of who has to mend them. */

const ADVICE: Readonly<Record<number, string>> = {
  402: 'ask its administrator: something that this user needs has run out',
  403: 'check user and password, and that the user may configure, write and read there',
  404: 'it is gone; its owner declares it again',
  405: 'somebody else has it for themselves: find the other consumer',
  530: 'check that the virtual host exists, and that the user may use it',
}

/** What a broker, a socket or a file said, with what to do where that is known. Holds no secret. */
export function explainError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const advice = ADVICE[codeOf(error, message) ?? 0]
  return advice === undefined ? message : `${message} (${advice})`
}

/** The broker refuses this for good: the same thing, asked again, will be refused again. */
export function isRefusal(error: unknown): boolean {
  const message = error instanceof Error ? error.message : ''
  const code = codeOf(error, message)
  return code === 403 || code === 405 || code === 406 || code === 530
}

/** Why the declaration of a queue was refused. */
export function explainDeclaration(queue: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (codeOf(error, message) !== 406) return `Queue "${queue}": ${explainError(error)}`
  return (
    `Queue "${queue}" exists with other settings than Asya declares (${message}). Asya never ` +
    'deletes a queue: let its messages drain and delete it yourself, or give the actor another ' +
    'queue. Where all queues are classic, set ASYA_RABBITMQ_QUEUE_TYPE=classic.'
  )
}

/** AMQP's reply code. While a connection opens the client only puts it into the text. */
function codeOf(error: unknown, message: string): number | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    if (typeof error.code === 'number') return error.code
  }
  const match = /\b(\d{3}) \([A-Z-]+\)/.exec(message)
  return match ? Number(match[1]) : undefined
}
