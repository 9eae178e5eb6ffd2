/**
 * `read`: look at tools, jobs and streams; `call`: call tools, cancel and replay jobs.
 */
export const SCOPES = ['read', 'call'] as const

export type Scope = (typeof SCOPES)[number]

/** Whose jobs are meant, and what they may do. */
export interface Principal {
  /** Empty where nobody has to say who they are. */
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
}

export const NOBODY: Principal = { name: '', scopes: new Set(SCOPES) }
