import { bytesToText, type JsonBytes } from '@asya/protocol'

export type ParsedPayload =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string }

/**
 * Parses a payload with JSON.parse. JavaScript's limits apply: numbers beyond 2^53 lose their last
 * digits, `1e400` becomes Infinity, of two members with one name the last counts; `__proto__` is a
 * name like any other.
 */
export function parsePayload(bytes: JsonBytes): ParsedPayload {
  const text = bytesToText(bytes)
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    // The engine's own message quotes the text around the mistake, which may hold a secret.
    return { ok: false, reason: `the payload is not JSON: ${explainMalformed(text)}` }
  }
}

/** Punctuation, or a number or literal that nothing sticks to. */
const TOKEN =
  /[[\]{}:,]|(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)(?![0-9A-Za-z_.])/y

/** Some of a string; a bounded run, for a pattern that takes megabytes at once exhausts the stack. */
const STRING_PART = /[^"\\\u0000-\u001f]{1,1000}|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** What may come next in a JSON text. */
type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma' | 'end'

const WORDS: Readonly<Record<Expected, string>> = {
  value: 'a value',
  'value or ]': "a value or ']'",
  name: 'a name in quotes',
  'name or }': "a name in quotes or '}'",
  colon: "':'",
  comma: "',' or a closing bracket",
  end: 'the end',
}

/** The first place where a text stops being JSON. Runs only when JSON.parse has failed. */
export function explainMalformed(text: string): string {
  const open: string[] = []
  let expected: Expected = 'value'
  for (let at = skipSpace(text, 0); at < text.length;) {
    const end = skipToken(text, at)
    if (typeof end === 'string') return end
    const next: Expected | undefined =
      end === at ? undefined : follow(expected, text.charAt(at), open)
    if (next === undefined) return `expected ${WORDS[expected]} at byte ${byteOffset(text, at)}`
    expected = next
    at = skipSpace(text, end)
  }
  return `it ends where ${WORDS[expected]} is expected`
}

function skipSpace(text: string, start: number): number {
  let at = start
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++
  return at
}

/** The offset after the token at `at`, the same when there is none, or what is wrong with a string. */
function skipToken(text: string, at: number): number | string {
  if (text[at] !== '"') return at + matchAt(TOKEN, text, at).length
  let end = at + 1
  for (let part = 1; part > 0; end += part) part = matchAt(STRING_PART, text, end).length
  if (text[end] === '"') return end + 1
  if (end === text.length) return 'it ends inside a string'
  return `a string has a wrong escape or a control character at byte ${byteOffset(text, end)}`
}

/** What a sticky pattern finds at an offset; empty when it finds nothing. */
function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

function byteOffset(text: string, at: number): number {
  return Buffer.byteLength(text.slice(0, at))
}

/** What may come after the token that begins with `first`; undefined when it may not stand there. */
function follow(expected: Expected, first: string, open: string[]): Expected | undefined {
  const isValue = expected === 'value' || expected === 'value or ]'
  if (first === '{' || first === '[') {
    if (!isValue) return undefined
    open.push(first)
    return first === '{' ? 'name or }' : 'value or ]'
  }
  if (first === '}' || first === ']') return close(expected, first, open)
  if (first === ':') return expected === 'colon' ? 'value' : undefined
  if (first === ',')
    return expected === 'comma' ? (open.at(-1) === '{' ? 'name' : 'value') : undefined
  if (isValue) return open.length === 0 ? 'end' : 'comma'
  return first === '"' && (expected === 'name' || expected === 'name or }') ? 'colon' : undefined
}

function close(expected: Expected, bracket: string, open: string[]): Expected | undefined {
  const isEmpty = expected === (bracket === '}' ? 'name or }' : 'value or ]')
  const isAfterItem = expected === 'comma' && open.at(-1) === (bracket === '}' ? '{' : '[')
  if (!isEmpty && !isAfterItem) return undefined
  open.pop()
  return open.length === 0 ? 'end' : 'comma'
}
