/** Names of actors, queues and steps, and ids. */

export const HAPPY_END = 'happy-end'
export const ERROR_END = 'error-end'

const STEP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/

/**
 * A step as it may travel in a route: 1–200 of letters, digits, `.`, `_`, `-`. Wider than an actor's
 * own name, so that routes of the original pass; narrow enough for an AMQP routing key (255 bytes)
 * without wildcards.
 */
export function isStepName(value: unknown): value is string {
  return typeof value === 'string' && STEP.test(value)
}

const MAX_ID_BYTES = 255

/** What nearly every id is, and quicker to see. */
const PLAIN_ID = /^[ -~]{1,255}$/

/** Control characters (an AMQP property or a database refuses them) and halves of a character. */
const UNFIT_FOR_ID = /[\p{Cc}\p{Cs}]/u

/**
 * An id of a message or job: 1–255 bytes of UTF-8, as AMQP's `message_id` can hold, without what a
 * property, a URL or a database could not carry unchanged.
 */
export function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false
  // In the path of a URL they are steps, and no escape keeps them from being taken.
  if (value === '.' || value === '..') return false
  if (PLAIN_ID.test(value)) return true
  return Buffer.byteLength(value) <= MAX_ID_BYTES && !UNFIT_FOR_ID.test(value)
}

const ACTOR = /^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/

/** An actor's name: a DNS label of at most 50 characters, so that names derived from it fit too. */
export function isActorName(value: string): boolean {
  return ACTOR.test(value)
}

/**
 * The name of an actor or pipeline from the name of its export: `readPage` → `read-page`,
 * `parseHTMLPage` → `parse-html-page`. The loader and the build apply this one rule.
 */
export function nameFromExport(exportName: string): string {
  return exportName
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/[_$]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
}
