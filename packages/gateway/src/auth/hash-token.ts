import { randomBytes } from 'node:crypto'
import { isId } from '@asya/protocol'
import { ConfigurationError } from '@asya/service/environment'
import { hashToken } from './bearer.ts'

const TOKEN_BYTES = 32

/** Makes a token, and its line for the file of ASYA_TOKENS_PATH. Throws a ConfigurationError without a name. */
export function describeNewToken(principal: string | undefined): string {
  if (!isId(principal)) {
    const usage = 'asya-gateway hash-token <principal>: say whose token it is, such as "ci"'
    throw new ConfigurationError([usage])
  }
  // The prefix is for whoever searches code and logs for tokens.
  const token = `asya_${randomBytes(TOKEN_BYTES).toString('base64url')}`
  const hash = `sha256:${hashToken(token).toString('hex')}`
  return `# The token of ${principal}, shown this once: ${token}
# What ASYA_TOKENS_PATH has below "tokens:" (it may also have scopes: [read] and expires: 2027-01-31):
  - principal: ${JSON.stringify(principal)}
    hash: ${hash}
`
}
