import { describe, expect, it } from 'vitest'
import { decodeToolCatalog, type ToolCatalog } from './tool-catalog.ts'

const whole: ToolCatalog = {
  catalog: 1,
  tools: [
    {
      name: 'triage',
      description: 'Sorts.',
      deprecated: 'use sort',
      inputSchema: { type: 'object', properties: { payload: { type: 'string' } } },
      argument: 'payload',
      outputSchema: { type: 'number' },
      results: 'one',
      route: ['read-page', 'Vision.ocr_v2'],
      timeoutMs: 5_000,
    },
  ],
}

const withTool = (changes: object): string =>
  JSON.stringify({ ...whole, tools: [{ ...whole.tools[0], ...changes }] })

describe('decodeToolCatalog', () => {
  it('reads what was written', () => {
    expect(decodeToolCatalog(JSON.stringify(whole))).toEqual({ ok: true, value: whole })
  })

  it.each([
    ['{"catalog":"1"}', '$.catalog: expected 1'],
    [withTool({ name: 1 }), '$.tools[0].name: expected a text'],
    [withTool({ inputSchema: { type: 'string' } }), '$.tools[0].inputSchema.type: expected object'],
    [withTool({ route: [] }), '$.tools[0].route: expected 1 to 10000 queues'],
    [withTool({ route: ['a b'] }), '$.tools[0].route[0]: expected the name of a queue'],
    [withTool({ results: 'two' }), '$.tools[0].results: expected one or optional or many or none'],
  ])('names the place of what is wrong: %s', (text, reason) => {
    expect(decodeToolCatalog(text)).toEqual({ ok: false, reason })
  })
})
