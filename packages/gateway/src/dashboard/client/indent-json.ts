/**
 * JSON on several lines, as it was written otherwise: numbers keep their digits, names that come twice
 * stay twice. Takes texts that break off, too. Nothing is evaluated.
 */
export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'word' | 'mark'
  /** With the white space that goes before it. */
  readonly text: string
}

const TOKEN = /"(?:[^"\\]|\\.?)*"?|[{}[\],:]|[^\s{}[\],:"]+/gs

export function indentJson(text: string): readonly Token[] {
  const tokens: Token[] = []
  const words = text.match(TOKEN) ?? []
  let depth = 0
  let gap = ''
  for (const [at, word] of words.entries()) {
    const next = words[at + 1]
    if (word === '}' || word === ']') {
      depth = Math.max(0, depth - 1)
      const opener = word === '}' ? '{' : '['
      gap = words[at - 1] === opener ? '' : breakLine(depth)
    }
    tokens.push({ kind: kindOf(word, next), text: gap + word })
    if (word === '{' || word === '[') depth++
    if (word === '{' || word === '[' || word === ',') gap = breakLine(depth)
    else gap = word === ':' ? ' ' : ''
  }
  return tokens
}

const MAX_INDENT = 40

function breakLine(depth: number): string {
  return `\n${'  '.repeat(Math.min(depth, MAX_INDENT))}`
}

function kindOf(word: string, next: string | undefined): Token['kind'] {
  if (word.startsWith('"')) return next === ':' ? 'name' : 'string'
  if (/^[{}[\],:]$/.test(word)) return 'mark'
  return /^[-\d]/.test(word) ? 'number' : 'word'
}
