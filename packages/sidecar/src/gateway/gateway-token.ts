import { readFile } from 'node:fs/promises'

/** The token that a sidecar shows the gateway, or the file whose first line it is. */
export type GatewayToken = { readonly text: string } | { readonly path: string }

/** A file is read again after this time: tokens are replaced while sidecars run. */
const REREAD_MS = 5_000

/** Returns what reads the token now. That rejects when its file cannot be read; the error names the file. */
export function readTokenOf(token: GatewayToken): () => Promise<string> {
  if ('text' in token) return () => Promise.resolve(token.text)
  let readAt = -Infinity
  let reading: Promise<string> | undefined
  return () => {
    const now = performance.now()
    if (!reading || now - readAt > REREAD_MS) {
      readAt = now
      reading = readFirstLine(token.path)
      reading.catch(() => {
        reading = undefined
      })
    }
    return reading
  }
}

async function readFirstLine(path: string): Promise<string> {
  const text = await readFile(path, 'utf8')
  return text.trim().split(/\s/, 1)[0] ?? ''
}
