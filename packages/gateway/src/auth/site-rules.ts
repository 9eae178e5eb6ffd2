import { isIP } from 'node:net'
import { isLoopback } from './address.ts'

/**
 * Which sites may ask. A page of a stranger can make a browser ask an address of its user's network,
 * under a name of the stranger's own (DNS rebinding): the Host header has that name. And it can send
 * what needs no permission across sites: then Origin says where the page came from.
 */
export interface SiteRules {
  /**
   * Names under which the gateway is asked, beside those of this machine. `any`: all, which is safe
   * where callers prove who they are. `private`: addresses, and names that nobody can register.
   */
  readonly hosts: readonly string[] | 'any' | 'private'
  /** Origins of pages, beside the gateway's own. */
  readonly origins: readonly string[] | 'any'
  /** Whether pages that this machine serves may ask. */
  readonly hasLocalOrigins: boolean
}

const HOST = /^(\[[0-9a-f:.]+\]|[^\s:[\]@/\\?#]+)(?::\d{1,5})?$/

/** The name in a Host header, without its port; undefined when it is none. */
export function readHostName(host: string | undefined): string | undefined {
  return HOST.exec(host?.toLowerCase() ?? '')?.[1]?.replace(/\.$/, '')
}

/** Top-level names that are kept free of registrations, and those of clusters. */
const PRIVATE_NAME = /\.(?:svc|local|internal|localhost|test|home\.arpa)$/

export function isAllowedHost(host: string | undefined, { hosts }: SiteRules): boolean {
  const name = readHostName(host)
  if (name === undefined) return false
  if (hosts === 'any' || isLoopback(name)) return true
  if (hosts !== 'private') return hosts.includes(name)
  const isAddress = name.startsWith('[') || isIP(name) !== 0
  return isAddress || !name.includes('.') || PRIVATE_NAME.test(name)
}

/** `host` is the request's: a page of the gateway itself has the same. */
export function isAllowedOrigin(
  origin: string,
  host: string | undefined,
  { origins, hasLocalOrigins }: SiteRules,
): boolean {
  if (origins === 'any' || origins.includes(origin)) return true
  const url = URL.parse(origin)
  // `null` is what sandboxes and files are.
  if (!url || !/^https?:$/.test(url.protocol)) return false
  return url.host === host?.toLowerCase() || (hasLocalOrigins && isLoopback(url.hostname))
}
