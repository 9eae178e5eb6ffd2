import { TransportError } from '../transport.ts'

/** The answer to something that was asked, or a TransportError when there is none in time (T6). */
export async function withDeadline<T>(
  asked: Promise<T>,
  timeoutMs: number,
  what: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TransportError(`RabbitMQ did not answer within ${timeoutMs} ms: ${what}`))
    }, timeoutMs)
  })
  // Whoever comes second is heard by nobody.
  asked.catch(() => undefined)
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
