import { describe, expect, test } from 'vitest'
import type { NodeObject } from './asyncapi-document.ts'
import { TypeWriter } from './type-writer.ts'

const root: NodeObject = {
  components: {
    schemas: {
      Tree: {
        type: 'object',
        required: ['text'],
        properties: {
          text: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
        },
      },
      'Page.Of-Text': { type: 'object', properties: { n: { type: 'integer' } } },
      Page_Of_Text: { enum: ['a', 'b'] },
      Json: { type: 'string' },
    },
  },
}

function write(schema: NodeObject): string {
  return new TypeWriter(root, []).write(schema)
}

describe('a schema becomes a type', () => {
  test.each<[NodeObject, string]>([
    [{ type: 'string' }, 'string'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: 'string', nullable: true }, 'string | null'],
    [{ const: 'spam', type: 'string' }, "'spam'"],
    [{ const: { a: [1, null] } }, "{ 'a': [1, null] }"],
    [{ enum: ['a', 1, true, null] }, "'a' | 1 | true | null"],
    [{ const: "it's" }, '"it\'s"'],
    [{}, 'Json'],
    [{ type: 'array', items: { type: 'number' } }, 'number[]'],
    [{ type: 'array', items: { type: ['number', 'null'] } }, '(number | null)[]'],
    [{ type: 'array', items: { enum: ['a | b'] } }, "'a | b'[]"],
    [{ type: 'array' }, 'Json[]'],
    [{ items: { type: 'number' }, minItems: 1 }, 'number[]'],
    [
      { type: 'array', items: [{ type: 'string' }, { type: 'number' }], minItems: 1, maxItems: 2 },
      '[string, number?]',
    ],
    [
      {
        type: 'array',
        items: [{ type: 'string' }],
        minItems: 1,
        additionalItems: { type: ['number', 'null'] },
      },
      '[string, ...(number | null)[]]',
    ],
    [{ type: 'object' }, '{\n  [name: string]: Json\n}'],
    [{ type: 'object', properties: {}, additionalProperties: false }, 'Record<string, never>'],
    [
      { type: 'object', additionalProperties: { type: 'number' } },
      '{\n  [name: string]: number\n}',
    ],
    [
      { required: ['a'], properties: { a: { type: 'string' }, 'b-c': { type: 'number' } } },
      "{\n  a: string\n  'b-c'?: number\n}",
    ],
    [
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: { type: 'number' },
      },
      '{\n  a?: string\n  [name: string]: number | string | undefined\n}',
    ],
    [
      { anyOf: [{ type: 'string' }, { type: 'object', properties: { a: {} } }] },
      'string | {\n  a?: Json\n}',
    ],
    [
      {
        allOf: [{ $ref: '#/components/schemas/Tree' }, { oneOf: [{ const: 1 }, { const: 2 }] }],
      },
      'Tree & (1 | 2)',
    ],
    [{ $ref: '#/components/schemas/Page.Of-Text' }, 'Page_Of_Text'],
    [{ $ref: '#/components/schemas/Page_Of_Text' }, 'Page_Of_Text2'],
    [{ $ref: '#/components/schemas/Json' }, 'Json2'],
    [{ $ref: '#/components/schemas/Tree/properties/text' }, 'text'],
  ])('%j', (schema, type) => {
    expect(write(schema)).toBe(type)
  })
})

describe('declarations', () => {
  test('are those that were referred to, also by themselves, in order.', () => {
    const writer = new TypeWriter(root, [])
    writer.write({ $ref: '#/components/schemas/Tree' })
    writer.write({ $ref: '#/components/schemas/Page_Of_Text' })
    expect(writer.declarations).toEqual([
      "export type Page_Of_Text2 = 'a' | 'b'",
      'export interface Tree {\n  text: string\n  children?: Tree[]\n}',
    ])
    expect(writer.usesJson).toBe(false)
  })

  test('avoid names that are taken.', () => {
    const writer = new TypeWriter(root, ['Tree'])
    expect(writer.write({ $ref: '#/components/schemas/Tree' })).toBe('Tree2')
  })

  test('say in comments what types cannot say, and end no comment early.', () => {
    const page = {
      type: 'object',
      description: 'A page. */ evil()',
      properties: {
        n: { type: 'integer', minimum: 1, default: 1, examples: [3], deprecated: true },
        url: { type: 'string', format: 'uri', description: 'Where it is.\n\nAbsolute.' },
      },
    }
    const writer = new TypeWriter({ components: { schemas: { Page: page } } }, [])
    writer.write({ $ref: '#/components/schemas/Page' })
    expect(writer.declarations).toEqual([
      `/** A page. *\\/ evil() */
export interface Page {
  /**
   * @minimum 1
   * @default 1
   * @example 3
   * @deprecated
   */
  n?: number
  /**
   * Where it is.
   *
   * Absolute.
   * @format uri
   */
  url?: string
}`,
    ])
  })
})
