import { isId } from '@asya/protocol'
import * as yaml from 'yaml'
import * as z from 'zod/mini'
import { isSameHash } from './bearer.ts'
import { SCOPES, type Principal, type Scope } from './principal.ts'

/** Tokens as a file lists them: whose they are, never what they are. */
interface ListedToken {
  readonly principal: string
  readonly hash: Buffer
  readonly scopes: readonly Scope[]
  readonly expiresAt: number
}

export type FoundToken =
  | { readonly type: 'valid'; readonly principal: Principal }
  | { readonly type: 'expired' }
  | { readonly type: 'unknown' }

const HASH = /^sha256:([0-9a-f]{64})$/

const ENTRY = z.strictObject({
  principal: z.string().check(z.refine(isId, 'expected 1 to 255 bytes without control characters')),
  hash: z
    .string()
    .check(z.regex(HASH, 'expected "sha256:" and 64 digits, as hash-token writes it')),
  scopes: z._default(z.array(z.enum(SCOPES)), [...SCOPES]),
  expires: z.optional(z.string().check(z.refine(isDate, 'expected a time such as 2027-01-31'))),
})

const FILE = z.strictObject({ tokens: z.array(ENTRY) })

export class TokenList {
  readonly #tokens: readonly ListedToken[]

  constructor(tokens: readonly ListedToken[]) {
    this.#tokens = tokens
  }

  get size(): number {
    return this.#tokens.length
  }

  /** Compares with all of them, so that the time says nothing of which one it was. */
  find(hash: Buffer, now = Date.now()): FoundToken {
    let found: ListedToken | undefined
    for (const token of this.#tokens) if (isSameHash(token.hash, hash)) found = token
    if (!found) return { type: 'unknown' }
    if (found.expiresAt <= now) return { type: 'expired' }
    return { type: 'valid', principal: { name: found.principal, scopes: new Set(found.scopes) } }
  }
}

export type ReadTokens =
  | { readonly ok: true; readonly list: TokenList }
  /** `problem` names the place and what is expected there, and shows no value. */
  | { readonly ok: false; readonly problem: string }

/** Reads YAML, or JSON, of the form `{tokens: [{principal, hash, scopes?, expires?}]}`. */
export function readTokenList(text: string): ReadTokens {
  let given: unknown
  try {
    // An alias has no place here: a few of them can stand for more than the memory holds.
    given = yaml.parse(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch (error) {
    return refuse(describeYaml(error))
  }
  const parsed = z.safeParse(FILE, given)
  if (!parsed.success) return refuse(parsed.error.issues.map(describeIssue).join('; '))
  const hashes = parsed.data.tokens.map(({ hash }) => hash)
  const twice = hashes.findIndex((hash, index) => hashes.indexOf(hash) < index)
  if (twice >= 0) return refuse(`tokens[${twice}].hash: the same token stands there twice`)
  return { ok: true, list: new TokenList(parsed.data.tokens.map(toListed)) }
}

/** Without the text of the line, which the library's message has. */
function describeYaml(error: unknown): string {
  if (!(error instanceof yaml.YAMLParseError)) return 'this is no YAML without aliases'
  return `line ${error.linePos?.[0].line ?? 1}: this is no YAML (${error.code})`
}

function toListed({ principal, hash, scopes, expires }: z.infer<typeof ENTRY>): ListedToken {
  const expiresAt = expires === undefined ? Infinity : Date.parse(expires)
  return {
    ...{ principal, scopes, expiresAt },
    hash: Buffer.from(hash.slice('sha256:'.length), 'hex'),
  }
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text))
}

function refuse(problem: string): ReadTokens {
  return { ok: false, problem }
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
  return `${place.join('').replace(/^\./, '') || 'the file'}: ${message}`
}
