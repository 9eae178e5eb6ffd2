import { Store } from './store.ts'

const TOKEN_KEY = 'asya-token'

/** For this tab alone, and gone with it. */
export const session = new Store({
  token: sessionStorage.getItem(TOKEN_KEY),
  /** The gateway wants to know who asks. */
  isAsked: false,
  /** The token that was given is no good. */
  isRefused: false,
})

export function keepToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(TOKEN_KEY)
  else sessionStorage.setItem(TOKEN_KEY, token)
  session.set({ token, isAsked: session.value.isAsked, isRefused: false })
}

/** A request that the gateway refused, or that did not reach it (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Sends a request; always with JSON, which no form of another site can send. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  const { token } = session.value
  if (token !== null) headers.set('authorization', `Bearer ${token}`)
  if (init.method !== undefined && init.method !== 'GET')
    headers.set('content-type', 'application/json')
  const response = await fetch(path, { ...init, headers, credentials: 'omit' }).catch(
    (error: unknown) => {
      if (init.signal?.aborted === true) throw error
      throw new ApiError(0, 'unreachable', 'The gateway does not answer.')
    },
  )
  if (response.ok) return response
  if (response.status === 401) refuse(token)
  throw await readError(response)
}

function refuse(token: string | null): void {
  // An answer that is late says nothing of the token that was given since.
  if (token !== session.value.token) return
  sessionStorage.removeItem(TOKEN_KEY)
  session.set({ token: null, isAsked: true, isRefused: token !== null || session.value.isRefused })
}

/** Asks for JSON of a known form: what this gateway's own routes answer. */
export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await send(path, init)
  return (await response.json()) as T
}

async function readError(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '')
  const { status } = response
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } }
    return new ApiError(status, error.code, error.message)
  } catch {
    return new ApiError(status, 'unknown', `The gateway answered with status ${status}.`)
  }
}

export function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
