import { readFile } from 'node:fs/promises'
import type { Options, SocketOptions } from 'amqplib'
import { Secret } from './secret.ts'

/** Where a broker is, and as whom it is used. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly vhost: string
  readonly username: string
  readonly password: Secret
  readonly tls: TlsFiles | undefined
}

/** Paths; read anew for each connection, as certificates are replaced while processes run. */
export interface TlsFiles {
  /** Whom to trust, instead of what the system trusts. */
  readonly caPath?: string
  /** Who we are, for a broker that asks. */
  readonly certificatePath?: string
  readonly keyPath?: string
}

const PORT = 5_672
const TLS_PORT = 5_671

/** Reads `amqp[s]://user:password@host:port/vhost`; undefined when it is none. */
export function parseRabbitmqUrl(text: string): Endpoint | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isTls = url.protocol === 'amqps:'
  if (!isTls && url.protocol !== 'amqp:') return undefined
  const isAnonymous = url.username === '' && url.password === ''
  const parts = [url.username, url.password, url.pathname.slice(1)].map(decode)
  const [username, password, vhost] = parts
  if (username === undefined || password === undefined || vhost === undefined) return undefined
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: Number(url.port) || (isTls ? TLS_PORT : PORT),
    vhost: vhost || '/',
    username: isAnonymous ? 'guest' : username,
    password: Secret.ofText(isAnonymous ? 'guest' : password),
    tls: isTls ? {} : undefined,
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** For people: says no user and no password. */
export function describeEndpoint({ host, port, vhost, tls }: Endpoint): string {
  const name = host.includes(':') ? `[${host}]` : host
  const path = vhost === '/' ? '' : `/${vhost}`
  return `${tls ? 'amqps' : 'amqp'}://${name}:${port}${path}`
}

/** What the client connects with: secrets and certificates as they are now. */
export async function readConnectOptions(
  endpoint: Endpoint,
): Promise<{ readonly url: Options.Connect; readonly tls: SocketOptions }> {
  const { host, port, vhost, username, tls = {} } = endpoint
  const { caPath, certificatePath, keyPath } = tls
  const [password, ca, cert, key] = await Promise.all([
    endpoint.password.read(),
    caPath === undefined ? undefined : readFile(caPath),
    certificatePath === undefined ? undefined : readFile(certificatePath),
    keyPath === undefined ? undefined : readFile(keyPath),
  ])
  return {
    url: {
      protocol: endpoint.tls ? 'amqps' : 'amqp',
      hostname: host,
      port,
      username,
      password,
      // The client unescapes it, whichever way it is told.
      vhost: encodeURIComponent(vhost),
    },
    tls: { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) },
  }
}
