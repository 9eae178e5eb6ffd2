import { decodeManifest, decodeToolCatalog } from '@asya/protocol'
import { Ajv } from 'ajv'
import formatsPlugin from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import type { JsonSchema, Model } from '../model/model.ts'
import { emitAll } from './emit-all.ts'
import { models, namesakes, smallest, triage } from './testing/models.ts'

function contentOf(model: Model, path: string): string {
  const file = emitAll(model).find((other) => other.path === path)
  if (!file) throw new Error(`there is no ${path}`)
  return file.content
}

/** Strict: an unknown keyword, or one beside a reference, is an error. */
function validate(schema: object, value: unknown): string {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictTuples: false })
  formatsPlugin.default(ajv)
  return ajv.validate(schema, value) ? 'valid' : ajv.errorsText()
}

/** A model whose only pipeline takes this. */
function pipelineOf(input: JsonSchema, schemas: Model['schemas'] = {}): Model {
  const actors = smallest.actors.map((actor) => ({
    ...actor,
    input: { schema: input, typeText: '' },
  }))
  const declared = { file: 'p.ts', line: 1, column: 1 }
  const pipelines = [{ name: 'p', declared, exportName: 'p', steps: ['shout'] }]
  return { ...smallest, actors, pipelines, schemas }
}

function toolOf(model: Model) {
  const catalog = decodeToolCatalog(contentOf(model, 'tools.json'))
  return catalog.ok ? catalog.value.tools[0] : undefined
}

describe('emitAll', () => {
  it('makes the same bytes of the same model, in order of the paths', () => {
    const paths = emitAll(triage).map(({ path }) => path)
    expect(paths).toEqual([...new Set(paths)].sort())
    expect(emitAll(structuredClone(triage))).toEqual(emitAll(triage))
  })

  it.each(Object.entries(models))('says in each file what made it: %s', (_, model) => {
    for (const { path, content } of emitAll(model))
      expect(content.slice(0, 200), path).toContain('Made by `asya build` from ')
  })
})

describe('A JSON Schema', () => {
  it('is made of what each actor takes and returns, and needs no other file', () => {
    const files = emitAll(triage).filter(({ path }) => path.startsWith('schemas/'))
    expect(files.map(({ path }) => path)).toEqual([
      'schemas/classify.input.schema.json',
      'schemas/classify.output.schema.json',
      'schemas/extract-text.input.schema.json',
      'schemas/extract-text.output.schema.json',
      'schemas/ocr.input.schema.json',
      'schemas/ocr.output.schema.json',
      'schemas/store.input.schema.json',
    ])
  })

  it('has the type at its top, and what that refers to below', () => {
    const schema = JSON.parse(contentOf(triage, 'schemas/classify.output.schema.json')) as object
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Verdict',
      oneOf: [{ $ref: '#/definitions/Ham' }, { $ref: '#/definitions/Spam' }],
    })
    expect(validate(schema, { kind: 'spam', score: 0 })).toBe('valid')
    expect(validate(schema, { kind: 'spam' })).not.toBe('valid')
  })

  it('may refer to itself', () => {
    const schema = JSON.parse(contentOf(triage, 'schemas/classify.input.schema.json')) as object
    expect(validate(schema, { text: 'a', children: [{ text: 'b' }] })).toBe('valid')
    expect(validate(schema, { text: 'a', children: [{}] })).not.toBe('valid')
  })
})

describe('The tool catalog', () => {
  it('has a tool for each pipeline, as the gateway reads it', () => {
    expect(toolOf(triage)).toMatchObject({
      name: 'triage',
      description: 'Sorts incoming documents.',
      inputSchema: { type: 'object', title: 'Upload', required: ['url', 'receivedAt'] },
      outputSchema: { title: 'Verdict' },
      results: 'many',
      route: ['Vision.ocr_v2', 'extract-text', 'classify'],
      timeoutMs: 600_000,
    })
    expect(toolOf(triage)).toHaveProperty('argument', undefined)
  })

  it('says that alternatives are objects when all of them are', () => {
    const verdict = { $ref: '#/components/schemas/Verdict' }
    const tool = toolOf(pipelineOf(verdict, triage.schemas))
    expect(tool?.argument).toBeUndefined()
    expect(tool?.inputSchema).toMatchObject({ type: 'object', oneOf: [{}, {}] })
    expect(validate(tool?.inputSchema ?? {}, { kind: 'spam', score: 1 })).toBe('valid')
  })

  it('puts a payload that is no object into one', () => {
    const tree = { type: 'array', items: { $ref: '#/components/schemas/DocTree' } } as const
    const tool = toolOf(pipelineOf(tree, triage.schemas))
    expect(tool?.argument).toBe('payload')
    expect(validate(tool?.inputSchema ?? {}, { payload: [{ text: 'a' }] })).toBe('valid')
    expect(validate(tool?.inputSchema ?? {}, { payload: [{}] })).not.toBe('valid')
    expect(validate(tool?.inputSchema ?? {}, {})).not.toBe('valid')
  })
})

describe('The manifest', () => {
  it('names everything that a program needs to run the actors, and is read as it was written', () => {
    const read = decodeManifest(contentOf(triage, 'manifest.json'))
    const manifest = read.ok ? read.value : undefined
    expect(manifest?.project).toEqual({ name: '@acme/document-triage', version: '1.4.0' })
    expect(manifest?.actors.find(({ name }) => name === 'classify')).toMatchObject({
      kind: 'node',
      queue: 'classify',
      source: 'actors/classify.ts',
      exportName: 'classify',
      bundle: 'bundles/classify/handler.mjs',
      guard: 'guards/classify.mjs',
      cardinality: 'optional',
      timeoutMs: 120_000,
      concurrency: 4,
      retry: { maxAttempts: 5 },
    })
    expect(manifest?.pipelines[0]).toMatchObject({
      name: 'triage',
      steps: ['ocr', 'extract-text', 'classify'],
      route: ['Vision.ocr_v2', 'extract-text', 'classify'],
      results: 'many',
    })
  })

  it('has guards and bundles of what runs on Node alone', () => {
    const read = decodeManifest(contentOf(namesakes, 'manifest.json'))
    const python = read.ok ? read.value.actors.find(({ kind }) => kind === 'python') : undefined
    expect(python).toMatchObject({ name: 'v-2', guard: undefined, bundle: undefined })
  })

  it('names guards that are there', () => {
    const paths = new Set(emitAll(triage).map(({ path }) => path))
    const read = decodeManifest(contentOf(triage, 'manifest.json'))
    const guards = read.ok ? read.value.actors.flatMap(({ guard }) => guard ?? []) : []
    expect(guards).toHaveLength(3)
    for (const guard of guards) expect(paths).toContain(guard)
  })
})
