import type { ActorModel, JsonSchema, Model, PayloadType } from '../../model/model.ts'

/** Models as the reader makes them, written by hand: what the emitters are tested with. */

const refer = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

const typed = (name: string): PayloadType => ({ schema: refer(name), typeText: name })

function declare(name: string, input: PayloadType, rest: Partial<ActorModel> = {}): ActorModel {
  return {
    name,
    kind: 'node',
    queue: name,
    declared: { file: `actors/${name}.ts`, line: 3, column: 14 },
    exportName: name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    input,
    cardinality: rest.output ? 'one' : 'none',
    settings: {},
    ...rest,
  }
}

/** One actor, and types without a name. */
export const smallest: Model = {
  project: { name: 'smallest', version: '0.1.0' },
  actors: [
    declare(
      'shout',
      { schema: { type: 'string' }, typeText: 'string' },
      { output: { schema: { type: 'string' }, typeText: 'string' } },
    ),
  ],
  pipelines: [],
  schemas: {},
}

/** Much of what types can say: recursion, alternatives, inner objects, enumerations, records, tuples. */
export const triage: Model = {
  project: {
    name: '@acme/document-triage',
    version: '1.4.0',
    description: 'Sorts what comes in.',
    broker: { host: 'rabbitmq.messaging.svc', vhost: 'docs', tls: true, username: 'asya' },
  },
  actors: [
    declare('classify', typed('DocTree'), {
      description: 'Says what a page is about.\n\nIt asks a model, which is slow.',
      output: typed('Verdict'),
      cardinality: 'optional',
      settings: { timeoutMs: 120_000, concurrency: 4, retry: { maxAttempts: 5 } },
    }),
    declare('extract-text', typed('Upload'), {
      description: 'Reads the text of an upload.',
      output: typed('DocTree'),
      cardinality: 'many',
    }),
    declare('ocr', typed('Upload'), {
      kind: 'remote',
      queue: 'Vision.ocr_v2',
      output: typed('Upload'),
    }),
    declare('store', typed('Verdict'), { deprecated: 'use archive instead' }),
  ],
  pipelines: [
    {
      name: 'triage',
      description: 'Sorts incoming documents.',
      declared: { file: 'pipelines/triage.ts', line: 5, column: 14 },
      exportName: 'triage',
      steps: ['ocr', 'extract-text', 'classify'],
      timeoutMs: 600_000,
    },
    {
      name: 'triage-and-store',
      deprecated: 'use triage',
      declared: { file: 'pipelines/triage.ts', line: 9, column: 14 },
      exportName: 'triageAndStore',
      steps: ['ocr', 'ocr', 'extract-text', 'classify', 'store'],
    },
  ],
  schemas: {
    DocTree: {
      type: 'object',
      description: 'A part of a document, with the parts in it.',
      required: ['text'],
      properties: {
        text: { type: 'string', minLength: 1, examples: ['Invoice no. 7'] },
        children: { type: 'array', items: refer('DocTree') },
        span: {
          type: 'array',
          items: [{ type: 'integer' }, { type: 'integer' }],
          additionalItems: false,
          minItems: 2,
          maxItems: 2,
        },
      },
    },
    Ham: {
      type: 'object',
      required: ['kind', 'topic'],
      properties: {
        kind: { type: 'string', const: 'ham' },
        topic: { type: 'string', enum: ['invoice', 'letter'] },
        note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      },
    },
    Spam: {
      type: 'object',
      required: ['kind', 'score'],
      properties: {
        kind: { type: 'string', const: 'spam' },
        score: { type: 'number', minimum: 0, maximum: 1 },
      },
    },
    Unused: { type: 'string' },
    Upload: {
      type: 'object',
      required: ['url', 'receivedAt'],
      properties: {
        url: { type: 'string', format: 'uri', examples: ['https://example.com/a.pdf'] },
        receivedAt: { type: 'string', format: 'date-time', examples: ['2026-11-26T12:00:00Z'] },
        on: { type: 'boolean', default: true },
        meta: {
          type: 'object',
          required: ['size'],
          properties: {
            size: { type: 'integer', minimum: 0 },
            'content-type': { type: 'string' },
            mode: { type: 'string', enum: ['fast', 'good'] },
          },
        },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
    Verdict: {
      description: 'What a page is.',
      oneOf: [refer('Ham'), refer('Spam')],
      discriminator: 'kind',
    },
  },
}

/** Authors who named their types as we would, and the newer version of the specification. */
export const namesakes: Model = {
  project: { name: 'namesakes', version: '2.0.0-rc.1', asyncapi: '3.1.0' },
  actors: [
    declare('on', typed('MessageRoute'), { output: typed('OnInputMessage') }),
    declare('v-2', typed('OnInputMessage'), {
      kind: 'python',
      output: {
        schema: { type: 'object', required: ['y'], properties: { y: { enum: ['a', 'b'] } } },
        typeText: "{ y: 'a' | 'b' }",
      },
    }),
  ],
  pipelines: [
    {
      name: 'yes',
      declared: { file: 'pipelines/yes.ts', line: 1, column: 14 },
      exportName: 'yes',
      steps: ['on', 'v-2'],
    },
  ],
  schemas: {
    MessageRoute: {
      type: 'object',
      required: ['no'],
      properties: {
        no: { type: 'string', default: '2026-11-26' },
        off: { type: 'object', properties: { y: { type: 'string', examples: ['12:30'] } } },
      },
      examples: [{ no: 'yes' }, { no: '0x10', off: { y: 'null' } }],
    },
    MessageRouteOff: { type: 'string', enum: ['on', 'off'] },
    OnInputMessage: {
      type: 'object',
      properties: { state: refer('MessageRouteOff'), until: { type: 'string' } },
    },
  },
}

export const models: Readonly<Record<string, Model>> = { smallest, triage, namesakes }
