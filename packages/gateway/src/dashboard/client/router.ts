import { Store } from './store.ts'

/**
 * Where one is: what stands behind `#` in the address, as `/jobs?state=failed`. It never reaches the
 * gateway, so that no page shares an address with a route of its REST part.
 */
export interface Place {
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

export const place = new Store(readPlace())

export function startRouter(): void {
  window.addEventListener('hashchange', () => place.set(readPlace()))
}

/** An address for `href`. */
export function toHref(
  path: readonly string[],
  query: Readonly<Record<string, string>> = {},
): string {
  const text = new URLSearchParams(query).toString()
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`
}

export function goTo(href: string): void {
  location.hash = href
}

/** Changes the address without a new entry in the history, as while one types. */
export function replacePlace(href: string): void {
  history.replaceState(null, '', href)
  place.set(readPlace())
}

function readPlace(): Place {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2)
  const parts = path.split('/').filter((part) => part !== '')
  return { path: parts.map(decode), query: new URLSearchParams(query) }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
