/**
 * Writes valid JSON texts of every kind from a list of choices: whoever shrinks the list shrinks
 * the text. No choice is ever missing: what the list does not say is 0, and 0 ends things.
 */

const NUMBERS = [
  ...['0', '-0', '1', '1.0', '1e400', '-12.5e-3', '1E+05', '9007199254740993'],
  ...['0.1000000000000000055511151231257827', '123456789012345678901234567890', '-1e-400'],
]

const STRING_PIECES = [
  ...['', 'a', ' ', '{', '}', '[', ']', ',', ':', '/', '0', '__proto__', 'payload', 'route'],
  ...['\\"', '\\\\', '\\/', '\\b', '\\n', '\\u0000', '\\u0022', '\\uD83D\\ude00', '\\ud800'],
  ...['ü', '\u2028', '\u007f', '\ufeff', '😀', 'x'.repeat(40), `${'y'.repeat(70)}\\"`],
]

const SPACES = ['', '', '', ' ', '\n\t', '\r\n  ']

const MAX_DEPTH = 6

class JsonWriter {
  readonly #choices: readonly number[]
  #next = 0

  constructor(choices: readonly number[]) {
    this.#choices = choices
  }

  below(limit: number): number {
    return (this.#choices[this.#next++] ?? 0) % limit
  }

  space(): string {
    return SPACES[this.below(SPACES.length)] ?? ''
  }

  string(): string {
    const pieces = Array.from({ length: this.below(4) }, () => this.below(STRING_PIECES.length))
    return `"${pieces.map((piece) => STRING_PIECES[piece] ?? '').join('')}"`
  }

  value(depth: number): string {
    switch (this.below(depth < MAX_DEPTH ? 8 : 6)) {
      case 0:
        return 'null'
      case 1:
        return 'true'
      case 2:
        return 'false'
      case 3:
        return NUMBERS[this.below(NUMBERS.length)] ?? '0'
      case 4:
      case 5:
        return this.string()
      case 6:
        return this.#list('[]', () => this.value(depth + 1))
      default:
        return this.#list('{}', () => this.member(this.string(), depth + 1))
    }
  }

  member(name: string, depth: number): string {
    return `${name}${this.space()}:${this.space()}${this.value(depth)}`
  }

  #list(brackets: string, item: () => string): string {
    const items = Array.from({ length: this.below(5) }, () => this.space() + item() + this.space())
    return `${brackets.charAt(0)}${items.join(',') || this.space()}${brackets.charAt(1)}`
  }
}

/** One JSON value without white space around it. */
export function writeJson(choices: readonly number[]): string {
  return new JsonWriter(choices).value(0)
}

/** Members of a JSON object as they are written, with names that differ after unescaping. */
export function writeJsonMembers(
  choices: readonly number[],
): readonly (readonly [string, string])[] {
  const writer = new JsonWriter(choices)
  const names = Array.from({ length: writer.below(6) }, () => writer.string())
  const unique = new Map(names.map((name) => [JSON.parse(name) as string, name]))
  return [...unique.values()].map((name) => [name, writer.value(1)])
}

/** The object of these members, with this white space between all tokens. */
export function joinMembers(
  members: readonly (readonly [string, string])[],
  space: string,
): string {
  const texts = members.map(([name, value]) => [name, ':', value].join(space))
  return `{${space}${texts.join(`${space},${space}`)}${space}}`
}
