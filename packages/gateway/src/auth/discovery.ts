import * as z from 'zod/mini'

/** What is read of an issuer's description (OpenID Connect Discovery 1.0; RFC 8414 for OAuth servers). */
const DESCRIPTION = z.object({ issuer: z.string(), jwks_uri: z.string().check(z.url()) })

const MAX_BYTES = 1024 * 1024

/** Finds where an issuer keeps its keys. Throws an Error that names the address and what is wrong. */
export async function discoverKeysUrl(issuer: string, timeoutMs: number): Promise<string> {
  const base = issuer.replace(/\/+$/, '')
  const { origin, pathname } = new URL(base)
  const urls = [
    `${base}/.well-known/openid-configuration`,
    // RFC 8414 puts the issuer's path behind the well-known one.
    `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`,
  ]
  const problems: string[] = []
  for (const url of urls) {
    try {
      return await readKeysUrl(url, issuer, timeoutMs)
    } catch (error) {
      problems.push(`${url}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(problems.join('; '))
}

async function readKeysUrl(url: string, issuer: string, timeoutMs: number): Promise<string> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (response.status !== 200) throw new Error(`answers ${response.status}`)
  const text = await response.text()
  if (text.length > MAX_BYTES) throw new Error(`has more than ${MAX_BYTES} characters`)
  const parsed = z.safeParse(DESCRIPTION, parseOrUndefined(text))
  if (!parsed.success) throw new Error('names no issuer and jwks_uri')
  // Whoever answers for another issuer must not be believed (RFC 8414, section 3.3).
  if (parsed.data.issuer !== issuer) throw new Error('is the description of another issuer')
  return parsed.data.jwks_uri
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
