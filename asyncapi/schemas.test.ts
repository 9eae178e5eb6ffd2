import {
  decodeFinal,
  decodeProgressBatch,
  encodeFinal,
  encodeProgressBatch,
  FAILURE_CODES,
  isStepName,
  MAX_BRANCH_DEPTH,
  MAX_INDEX,
  MAX_MEMBERS,
  MAX_OUTPUTS,
  MAX_STEPS,
  severityOf,
  toJsonBytes,
} from '@asya/protocol'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { invalidFixtures, schemas, toBytes, validFixtures, type Fixture } from './corpus.ts'

// `not: { required: […] }` names members without defining them, on purpose.
const strictness = { strict: true, strictRequired: false, allowUnionTypes: true }
const ajv = new Ajv({ ...strictness, schemas: [...schemas.values()] })

const idOf = (name: string): string => `https://asya.io/schemas/v1/${name}.schema.json`

function explain(name: string, value: unknown): string {
  const validate = ajv.getSchema(idOf(name))
  if (!validate) throw new Error(`no schema ${name}`)
  return validate(value) === true ? 'valid' : ajv.errorsText(validate.errors)
}

/** The schema of a whole body. */
function schemaOf(fixture: Fixture, body: unknown): string {
  if (fixture.kind !== 'reply') return fixture.kind
  if (Array.isArray(body)) return 'reply'
  return typeof body === 'object' && body !== null && 'status' in body ? 'status-reply' : 'interim'
}

function parse(fixture: Fixture): unknown {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return JSON.parse(decoder.decode(toBytes(fixture)))
  } catch {
    return undefined
  }
}

const hasSchema = (fixture: Fixture): boolean => fixture.kind !== 'frame'

describe('A schema', () => {
  it.each([...schemas.keys()])('%s is draft-07 with id, title and description', (name) => {
    expect(schemas.get(name)).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: idOf(name),
      title: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
      description: expect.stringMatching(/\.$/),
    })
    expect(ajv.validateSchema(schemas.get(name) ?? {})).toBe(true)
  })

  it.each([...schemas])('%s has examples that are valid by it', (name, schema) => {
    const examples: unknown = 'examples' in schema ? schema.examples : undefined
    expect(examples).toEqual(expect.any(Array))
    for (const example of examples as unknown[]) expect(explain(name, example)).toBe('valid')
  })

  it('has the limits of the codec', () => {
    expect(schemas.get('route')).toMatchObject({
      properties: { steps: { maxItems: MAX_STEPS }, current: { maximum: MAX_INDEX } },
    })
    expect(schemas.get('branch')).toMatchObject({
      maxItems: MAX_BRANCH_DEPTH,
      items: { items: [{}, { maximum: MAX_OUTPUTS }, {}] },
    })
    expect(schemas.get('reply')).toMatchObject({ oneOf: [{ maxItems: MAX_OUTPUTS }, {}] })
    expect(schemas.get('message')).toMatchObject({ maxProperties: MAX_MEMBERS })
  })

  it('has the same pattern for steps as the codec', () => {
    const names = [
      'a',
      'A.b_c-1',
      '',
      '.a',
      'a b',
      'a*',
      'a\n',
      'ü',
      'x'.repeat(200),
      'x'.repeat(201),
    ]
    for (const name of names) {
      const verdict = explain('route', { steps: [name], current: 0 })
      expect(verdict === 'valid', JSON.stringify(name)).toBe(isStepName(name))
    }
  })

  it('names every failure code, and those that are fatal by default', () => {
    const error = JSON.stringify(schemas.get('error'))
    const failure = JSON.stringify(schemas.get('failure'))
    for (const code of FAILURE_CODES) {
      expect(error).toContain(code)
      if (severityOf(code) === 'fatal') expect(failure).toContain(code)
    }
  })
})

describe('Schemas and codec do not contradict each other', () => {
  // JSON.parse makes Infinity of 1e400, which is a number by RFC 8259, but none by ajv.
  const accepted = validFixtures.filter(
    (fixture) => hasSchema(fixture) && fixture.rule !== 'reply_retry_after_beyond_double',
  )
  it.each(accepted)('what the codec accepts passes the schema: $rule', (fixture) => {
    const body = parse(fixture)
    expect(explain(schemaOf(fixture, body), body)).toBe('valid')
  })

  const refused = invalidFixtures.filter((fixture) => {
    const isRefused = hasSchema(fixture) && fixture.verdict.envelope !== 'ok'
    return isRefused && parse(fixture) !== undefined && !isBeyondSchemas(fixture)
  })
  it.each(refused)('what the codec refuses for its shape fails the schema: $rule', (fixture) => {
    const body = parse(fixture)
    expect(explain(schemaOf(fixture, body), body)).not.toBe('valid')
  })
})

/** What a schema cannot see, for it judges values: how they were written, and how they compare. */
const BEYOND_SCHEMAS = [
  /duplicate/,
  /_deep/,
  /^current_out_of_range$/,
  /^branch_index_equals_count$/,
  /^id_of_256_bytes_in_two_byte_characters$/,
  /^id_with_lone_surrogate$/,
  // 1.0, 2e0 and -0 are integers by JSON Schema, and 1e400 is one number more.
  /_with_fraction$/,
  /_with_exponent$/,
  /_one_point_zero$/,
  /_minus_zero$/,
  /_beyond_double$/,
]

function isBeyondSchemas(fixture: Fixture): boolean {
  return BEYOND_SCHEMAS.some((pattern) => pattern.test(fixture.rule))
}

describe('What sidecars tell the gateway', () => {
  it('passes its schema as it is encoded', () => {
    const final = { jobId: 'j', branch: [{ index: 0, count: 2, generation: 'g' }] } as const
    const result = toJsonBytes(Buffer.from('{"n":1.0}'))
    const error = toJsonBytes(Buffer.from('{"type":"oom_error"}'))
    const succeeded = encodeFinal({ ...final, status: 'succeeded', result })
    const failed = encodeFinal({ ...final, status: 'failed', error })
    expect(explain('final', JSON.parse(succeeded.toString()))).toBe('valid')
    expect(explain('final', JSON.parse(failed.toString()))).toBe('valid')
    const report = { jobId: 'j', step: 's', stepIndex: 0, totalSteps: 2, actorName: 's' } as const
    const batch = encodeProgressBatch([{ ...report, status: 'completed', durationMs: 1.5 }])
    expect(explain('progress-batch', JSON.parse(batch.toString()))).toBe('valid')
  })

  it('is read as the examples of the schemas show it', () => {
    const examplesOf = (name: string): readonly unknown[] =>
      (schemas.get(name) as { examples: unknown[] }).examples
    for (const example of examplesOf('final'))
      expect(decodeFinal('j', Buffer.from(JSON.stringify(example)))).toMatchObject({ jobId: 'j' })
    for (const example of examplesOf('progress-batch'))
      expect(decodeProgressBatch(Buffer.from(JSON.stringify(example)))).toHaveLength(1)
  })
})
