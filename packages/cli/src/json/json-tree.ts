import { MAX_DEPTH } from '@asya/protocol'

/**
 * A JSON text as a tree whose names and scalars keep the spelling of the source: what is shown, or
 * counted in a table, has the digits that were written, also where a `number` would lose some.
 */
export type JsonTree =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonTree[] }
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }

export interface JsonMember {
  /** With quotes and escapes, as it was written. */
  readonly nameText: string
  readonly value: JsonTree
}

/** `line` and `column` count from 1. */
export type JsonReading =
  | { readonly ok: true; readonly tree: JsonTree }
  | {
      readonly ok: false
      readonly line: number
      readonly column: number
      readonly reason: string
    }

/** Reads a text that must be one JSON value (RFC 8259); says where it is not. */
export function readJson(text: string): JsonReading {
  const reader = new Reader(text)
  try {
    return { ok: true, tree: reader.readDocument() }
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    const before = text.slice(0, error.at)
    const line = before.split('\n').length
    const column = error.at - before.lastIndexOf('\n')
    return { ok: false, line, column, reason: error.message }
  }
}

/** The value of a string's spelling; the spelling itself of anything else. */
export function scalarToText(text: string): string {
  return text.startsWith('"') ? String(JSON.parse(text)) : text
}

export function isNumberText(text: string): boolean {
  return /^[-\d]/.test(text)
}

/** Ends the reading; never leaves this file. */
class Mistake extends Error {
  readonly at: number

  constructor(at: number, reason: string) {
    super(reason)
    this.at = at
  }
}

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const WORD = /[^\s,:[\]{}"]+/y
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y
const WHITESPACE = /[ \t\n\r]*/y

class Reader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  readDocument(): JsonTree {
    this.#match(WHITESPACE)
    const tree = this.#readValue()
    this.#match(WHITESPACE)
    if (this.#at < this.#text.length) throw this.#unexpected('the end')
    return tree
  }

  #readValue(): JsonTree {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nest(() => ({
          kind: 'object',
          members: this.#readList('}', () => this.#readMember()),
        }))
      case '[':
        return this.#nest(() => ({
          kind: 'array',
          items: this.#readList(']', () => this.#readValue()),
        }))
      case '"':
        return { kind: 'scalar', text: this.#readString() }
      default:
        return this.#readScalar()
    }
  }

  #nest(read: () => JsonTree): JsonTree {
    if (this.#depth === MAX_DEPTH) throw this.#mistake(`nested more than ${MAX_DEPTH} deep`)
    this.#depth++
    const tree = read()
    this.#depth--
    return tree
  }

  #readList<T>(close: '}' | ']', readItem: () => T): T[] {
    this.#at++
    this.#match(WHITESPACE)
    const items: T[] = []
    if (this.#take(close)) return items
    for (;;) {
      items.push(readItem())
      this.#match(WHITESPACE)
      if (this.#take(close)) return items
      if (!this.#take(',')) throw this.#unexpected(`"," or "${close}"`)
      this.#match(WHITESPACE)
      if (this.#text[this.#at] === close) throw this.#mistake('a comma with nothing after it')
    }
  }

  #readMember(): JsonMember {
    if (this.#text[this.#at] !== '"') throw this.#unexpected('a name in double quotes')
    const nameText = this.#readString()
    this.#match(WHITESPACE)
    if (!this.#take(':')) throw this.#unexpected('":"')
    this.#match(WHITESPACE)
    return { nameText, value: this.#readValue() }
  }

  #readString(): string {
    const start = this.#at++
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text.charAt(this.#at)
      if (character === '"') return this.#text.slice(start, ++this.#at)
      if (character < ' ') throw this.#mistake('a line break or control character in a string')
      if (character !== '\\') continue
      this.#at++
      const escape = this.#match(ESCAPE)
      if (escape === '') throw this.#mistake('an escape that JSON does not know')
      this.#at--
    }
    this.#at = start
    throw this.#mistake('a string that is not closed')
  }

  #readScalar(): JsonTree {
    const start = this.#at
    const word = this.#match(WORD)
    this.#at = start
    if (word === '') throw this.#unexpected('a value')
    const text = this.#match(SCALAR)
    if (text === word) return { kind: 'scalar', text }
    this.#at = start
    throw this.#mistake(`${JSON.stringify(word.slice(0, MAX_SHOWN))} is no JSON value`)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.#at += found.length
    return found
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #unexpected(expected: string): Mistake {
    const found = this.#text[this.#at]
    const shown = found === undefined ? 'the end' : JSON.stringify(found)
    return this.#mistake(`expected ${expected}, found ${shown}`)
  }

  #mistake(reason: string): Mistake {
    return new Mistake(this.#at, reason)
  }
}

const MAX_SHOWN = 30
