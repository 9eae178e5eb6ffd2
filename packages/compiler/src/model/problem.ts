import type { Position } from './model.ts'

/** Something in the project that must be mended; warnings do not fail a build. */
export interface Problem {
  /** Kebab-case, for programs: `type-not-json`, `edge-does-not-fit`. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** Names the culprit, and the value. */
  readonly message: string
  /** What to do. */
  readonly fix?: string | undefined
  readonly position?: Position | undefined
  /** Where the culprit ends, for a code frame. */
  readonly end?: Position | undefined
  /** Inside a type: `$.items[].at`. */
  readonly path?: string | undefined
  readonly related?: readonly { readonly message: string; readonly position: Position }[]
}
