import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  childId,
  decodeMessage,
  decodeReply,
  decodeRequest,
  FrameReader,
  generationOf,
  isShutdown,
  toWireBranch,
  type DecodedMessage,
  type JsonBytes,
  type Message,
  type RawMember,
  type Reply,
} from '@asya/protocol'
import { describe, expect, it } from 'vitest'
import {
  allFixtures,
  childIdVectors,
  generationVectors,
  invalidFixtures,
  toBytes,
  validFixtures,
  type Fixture,
} from './corpus.ts'

/** The runtime's rule for a payload: UTF-8 and RFC 8259. */
function judgePayload(payloads: readonly Uint8Array[]): 'ok' | 'invalid' {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    for (const payload of payloads) JSON.parse(decoder.decode(payload))
    return 'ok'
  } catch {
    return 'invalid'
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

function toTexts(members: readonly RawMember[]): readonly (readonly string[])[] {
  return members.map((member) => [member.name, textOf(member.value)])
}

/** A message in the words of a fixture's `decoded`. */
function describeMessage(message: Message): Record<string, unknown> {
  const { route } = message
  return {
    id: message.id,
    parent_id: message.parentId,
    job_id: message.jobId,
    attempt: message.attempt,
    branch: toWireBranch(message.branch),
    route: { steps: route.steps, current: route.current },
    route_unknown: toTexts(route.unknown),
    unknown: toTexts(message.unknown),
    error: message.error && JSON.parse(textOf(message.error)),
    payload_text: textOf(message.payload),
  }
}

/** A reply in the words of a fixture's `decoded`. */
function describeReply(reply: Reply): Record<string, unknown> {
  switch (reply.type) {
    case 'outputs': {
      const routes = reply.outputs.flatMap(({ route }) => (route ? [route] : []))
      return {
        type: reply.type,
        payloads: reply.outputs.map(({ payload }) => textOf(payload)),
        routes: routes.map(({ steps, current }) => ({ steps, current })),
      }
    }
    case 'output':
      return { type: reply.type, payloads: [textOf(reply.output.payload)] }
    case 'failed':
      return { type: reply.type, retry_after_ms: null, ...describeFailure(reply) }
    case 'progress':
    case 'metrics':
      return { ...reply }
  }
}

function describeFailure(reply: Extract<Reply, { readonly type: 'failed' }>): object {
  const { retryAfterMs, ...failure } = reply.failure
  return retryAfterMs === undefined ? failure : { ...failure, retry_after_ms: retryAfterMs }
}

interface Judged {
  readonly verdict: { readonly envelope: string; readonly payload?: 'ok' | 'invalid' }
  readonly decoded: Record<string, unknown>
}

function judgeMessage(decoded: DecodedMessage, extra: object): Judged {
  if (!decoded.ok) return { verdict: { envelope: decoded.failure.rule }, decoded: {} }
  const payload = judgePayload([decoded.message.payload])
  const description = { ...describeMessage(decoded.message), ...extra }
  return { verdict: { envelope: 'ok', payload }, decoded: description }
}

function judgeRequest(bytes: Buffer): Judged {
  if (isShutdown(bytes))
    return { verdict: { envelope: 'ok', payload: 'ok' }, decoded: { shutdown: true } }
  const decoded = decodeRequest(bytes)
  if (!decoded.ok) return judgeMessage(decoded, {})
  const { message, deadlineMs, accept } = decoded.request
  return judgeMessage({ ok: true, message }, { deadline_ms: deadlineMs, accept })
}

function payloadsOf(reply: Reply): readonly JsonBytes[] {
  if (reply.type === 'output') return [reply.output.payload]
  return reply.type === 'outputs' ? reply.outputs.map(({ payload }) => payload) : []
}

function judgeReply(bytes: Buffer): Judged {
  const reply = decodeReply(bytes)
  if (reply.type === 'failed' && reply.failure.message.startsWith('malformed reply: '))
    return { verdict: { envelope: reply.failure.code }, decoded: {} }
  const payload = judgePayload(payloadsOf(reply))
  return { verdict: { envelope: 'ok', payload }, decoded: describeReply(reply) }
}

function judge(fixture: Fixture): Judged {
  const bytes = toBytes(fixture)
  switch (fixture.kind) {
    case 'message':
      return judgeMessage(decodeMessage(bytes), {})
    case 'request':
      return judgeRequest(bytes)
    case 'reply':
      return judgeReply(bytes)
    case 'frame':
      return judgeFrames(bytes, fixture)
  }
}

function judgeFrames(bytes: Buffer, fixture: Fixture): Judged {
  const reader = new FrameReader(fixture.limit_bytes)
  const events = reader.push(bytes)
  const frames = events.flatMap((event) => (event.type === 'frame' ? [textOf(event.body)] : []))
  const isTooLarge = events.some((event) => event.type === 'too-large')
  const end = reader.isAtBoundary ? 'ok' : 'truncated'
  return { verdict: { envelope: isTooLarge ? 'too_large' : end }, decoded: { frames } }
}

function expectVerdict(fixture: Fixture): void {
  const judged = judge(fixture)
  expect(judged.verdict).toEqual(fixture.verdict)
  const { kind, frames, decoded = {} } = fixture
  const expected = kind === 'frame' ? { frames } : decoded
  for (const [name, value] of Object.entries(expected))
    expect(judged.decoded[name], name).toEqual(value ?? null)
}

describe('A fixture gets exactly its verdict from the codec', () => {
  it.each(validFixtures)('$rule: $reason', expectVerdict)
  it.each(invalidFixtures)('$rule: $reason', expectVerdict)
})

describe('The corpus', () => {
  it('names each rule once', () => {
    const names = allFixtures.map((fixture) => fixture.rule)
    expect(new Set(names).size).toBe(names.length)
  })

  it('says of each valid fixture that everybody accepts it, and of no invalid one', () => {
    const isAccepted = ({ verdict }: Fixture): boolean =>
      verdict.envelope === 'ok' && verdict.payload !== 'invalid'
    expect(validFixtures.filter((fixture) => !isAccepted(fixture))).toEqual([])
    expect(invalidFixtures.filter(isAccepted)).toEqual([])
  })

  it('shows every rule of the envelope', () => {
    const shown = new Set(allFixtures.map((fixture) => fixture.verdict.envelope))
    expect([...shown].sort()).toEqual(
      [
        ...['ok', 'msg_parsing_error', 'too_large', 'truncated'],
        ...['empty_message', 'invalid_encoding', 'invalid_json', 'duplicate_member'],
        ...['too_many_members', 'payload_unbalanced', 'payload_too_deep'],
        ...['missing_route', 'invalid_route', 'invalid_steps', 'too_many_steps'],
        ...['invalid_current', 'current_out_of_range', 'missing_payload', 'invalid_id'],
        ...['invalid_attempt', 'invalid_branch', 'invalid_headers', 'invalid_error'],
        ...['invalid_deadline', 'invalid_accept'],
      ].sort(),
    )
  })
})

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
const pythonOfReadme = /```python\n([^]*?)```/.exec(readme)?.[1] ?? ''
const hasPython = spawnSync('python3', ['--version']).status === 0

describe('README.md', () => {
  it('says why each rule refuses', () => {
    const rules = invalidFixtures
      .filter(({ kind }) => kind === 'message' || kind === 'request')
      .map(({ verdict }) => verdict.envelope)
    for (const rule of new Set(rules)) expect(readme).toContain(`\`${rule}\``)
  })

  it.skipIf(!hasPython)('reads the same bytes in Python as these tests do', () => {
    const program = `${pythonOfReadme}
import hashlib
for kind in ("message", "request", "reply", "frame"):
    for rule, body, _ in fixtures(kind):
        print(rule, hashlib.sha256(body).hexdigest())
`
    const cwd = fileURLToPath(new URL('..', import.meta.url))
    const { stdout, stderr } = spawnSync('python3', ['-c', program], { cwd, encoding: 'utf8' })
    expect(stderr).toBe('')
    const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
    const expected = allFixtures.map((fixture) => `${fixture.rule} ${digest(toBytes(fixture))}`)
    expect(stdout.trim().split('\n').sort()).toEqual(expected.sort())
  })
})

describe('What is derived', () => {
  it.each(generationVectors)('generation: $reason', ({ outputs, generation }) => {
    const parts = outputs.flatMap((output) => [
      Buffer.from(output.payload_text),
      output.steps ? JSON.stringify(output.steps) : '',
    ])
    expect(generationOf(parts)).toBe(generation)
  })

  it.each(childIdVectors)('child id: $reason', (vector) => {
    const lineage = {
      parentId: vector.parent_id,
      stepIndex: vector.step_index,
      step: vector.step,
      generation: vector.generation,
    }
    expect(childId(lineage, vector.index)).toBe(vector.id)
  })
})
