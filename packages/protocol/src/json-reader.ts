/**
 * Reads values that another program wrote, and says of the first that is wrong where it stands:
 * `$.actors[0].queue: expected a text`. Throws `JsonMismatch`, which `readJson` catches.
 */
class JsonMismatch extends Error {}

export type ReadJson<T> =
  | { readonly ok: true; readonly value: T }
  /** One line, with the place and what was expected there. */
  | { readonly ok: false; readonly reason: string }

/** Parses a text, and reads it. */
export function readJson<T>(text: string, read: (root: JsonReader) => T): ReadJson<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'it is not JSON' }
  }
  try {
    return { ok: true, value: read(new JsonReader(value, '$')) }
  } catch (error) {
    if (error instanceof JsonMismatch) return { ok: false, reason: error.message }
    throw error
  }
}

/** A value, and where it stands. */
export class JsonReader {
  readonly value: unknown
  readonly #path: string

  constructor(value: unknown, path: string) {
    this.value = value
    this.#path = path
  }

  /** A member, there or not. */
  at(name: string): JsonReader {
    const members = this.object()
    const value = Object.hasOwn(members, name) ? members[name] : undefined
    return new JsonReader(value, `${this.#path}.${name}`)
  }

  object(): Readonly<Record<string, unknown>> {
    const { value } = this
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>
    return this.expected('an object')
  }

  items(): readonly JsonReader[] {
    if (!Array.isArray(this.value)) return this.expected('a list')
    return this.value.map((item, index) => new JsonReader(item, `${this.#path}[${index}]`))
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.expected('a text')
  }

  texts(): readonly string[] {
    return this.items().map((item) => item.text())
  }

  /** A number that is not negative. */
  amount(): number {
    const { value } = this
    const isAmount = typeof value === 'number' && Number.isFinite(value) && value >= 0
    return isAmount ? value : this.expected('a number from 0')
  }

  oneOf<T extends string | number>(allowed: readonly T[]): T {
    const found = allowed.find((one) => one === this.value)
    return found ?? this.expected(allowed.join(' or '))
  }

  /** What `read` makes of it; undefined when it is not there. */
  optional<T>(read: (reader: JsonReader) => T): T | undefined {
    return this.value === undefined ? undefined : read(this)
  }

  expected(what: string): never {
    throw new JsonMismatch(`${this.#path}: expected ${what}`)
  }
}
