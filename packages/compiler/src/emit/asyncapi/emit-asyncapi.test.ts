import { Parser } from '@asyncapi/parser'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { models, namesakes, smallest, triage } from '../testing/models.ts'
import type { AsyncApiDocument } from './document.ts'
import { DocumentWriter } from './document-writer.ts'
import { emitAsyncApi } from './emit-asyncapi.ts'

const files = Object.entries(models).flatMap(([name, model]) =>
  emitAsyncApi(model).map(({ path, content }) => ({ name: `${name}, ${path}`, path, content })),
)
const parser = new Parser()
/** Its first document takes seconds on a busy machine. */
const PARSE_TIMEOUT_MS = 60_000

function read(model: typeof triage, path: string): AsyncApiDocument {
  const file = emitAsyncApi(model).find((other) => other.path === path)
  return parse(file?.content ?? '') as AsyncApiDocument
}

describe('An AsyncAPI document', () => {
  it.each(files)(
    'is valid by the parser, without a warning: $name',
    async ({ content }) => {
      const { diagnostics } = await parser.parse(content)
      expect(diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')).toEqual([])
    },
    PARSE_TIMEOUT_MS,
  )

  it('is made for each actor and pipeline, but not for an actor that is made elsewhere', () => {
    expect(emitAsyncApi(triage).map(({ path }) => path)).toEqual([
      'asyncapi/actors/classify.yaml',
      'asyncapi/actors/extract-text.yaml',
      'asyncapi/actors/store.yaml',
      'asyncapi/pipelines/triage.yaml',
      'asyncapi/pipelines/triage-and-store.yaml',
    ])
  })

  it('says in its first line what made it, and from which files', () => {
    const [first] = emitAsyncApi(triage)
    expect(first?.content.split('\n')[0]).toBe(
      '# Made by `asya build` from actors/classify.ts. Do not edit: change that, and build again.',
    )
  })

  it('is the same for the same model, whatever the order of what has none', () => {
    const entries = Object.entries(triage.schemas).reverse()
    const reversed = { ...triage, schemas: Object.fromEntries(entries) }
    expect(emitAsyncApi(reversed)).toEqual(emitAsyncApi(triage))
  })

  it('is the same from a writer that wrote other models before', () => {
    const writer = new DocumentWriter()
    for (const model of [...Object.values(models), triage, triage])
      expect(emitAsyncApi(model, writer)).toEqual(emitAsyncApi(model))
  })

  it('has the version that the project asks for', () => {
    expect(read(triage, 'asyncapi/actors/store.yaml').asyncapi).toBe('3.0.0')
    expect(read(namesakes, 'asyncapi/actors/on.yaml').asyncapi).toBe('3.1.0')
  })

  it('names the broker, and nothing by which to get in', () => {
    const { servers } = read(triage, 'asyncapi/actors/store.yaml')
    expect(servers['rabbitmq']).toMatchObject({
      host: 'rabbitmq.messaging.svc:5671',
      pathname: '/docs',
      protocol: 'amqps',
    })
    const texts = emitAsyncApi(triage).map(({ content }) => content)
    expect(texts.join()).not.toContain('asya@')
    expect(read(smallest, 'asyncapi/actors/shout.yaml').servers['rabbitmq']?.host).toBe(
      '{host}:5672',
    )
  })

  it('has the schemas that it needs, in order of their names, each with its name', () => {
    const { schemas } = read(triage, 'asyncapi/actors/extract-text.yaml').components
    expect(Object.keys(schemas)).toEqual([
      'DocTree',
      'ExtractTextInputMessage',
      'ExtractTextOutputMessage',
      'MessageHeaders',
      'MessageRoute',
      'Upload',
    ])
    for (const [name, { $id, title }] of Object.entries(schemas))
      expect([$id, title]).toEqual([name, name])
  })

  it('names inner objects and enumerations by where they stand', () => {
    const { schemas } = read(triage, 'asyncapi/actors/extract-text.yaml').components
    const meta = schemas['Upload']?.properties?.['meta']
    expect(meta).toMatchObject({ $id: 'UploadMeta', title: 'UploadMeta' })
    expect(meta?.properties?.['mode']).toMatchObject({ $id: 'UploadMetaMode' })
  })

  it('leaves the names of authors to them', () => {
    const { schemas } = read(namesakes, 'asyncapi/actors/on.yaml').components
    expect(schemas['MessageRoute']?.properties).toHaveProperty('no')
    expect(schemas['MessageRoute_2']?.properties).toHaveProperty('steps')
    expect(schemas['OnInputMessage_2']?.properties?.['payload']).toEqual({
      $ref: '#/components/schemas/MessageRoute',
    })
    expect(schemas['MessageRoute']?.properties?.['off']).toMatchObject({
      $id: 'MessageRouteOff_2',
    })
  })

  it('has the examples of authors, and those that follow from their members', () => {
    const own = read(namesakes, 'asyncapi/actors/on.yaml').components.messages['OnInput']
    expect(own?.examples?.map(({ payload }) => payload)).toEqual([
      { route: { steps: ['on'], current: 0 }, payload: { no: 'yes' } },
      { route: { steps: ['on'], current: 0 }, payload: { no: '0x10', off: { y: 'null' } } },
    ])
    const made = read(triage, 'asyncapi/pipelines/triage.yaml').components.messages
    expect(made['ClassifyInput']?.examples?.map(({ payload }) => payload)).toEqual([
      {
        route: { steps: ['Vision.ocr_v2', 'extract-text', 'classify'], current: 2 },
        payload: { text: 'Invoice no. 7' },
      },
    ])
    const none = read(smallest, 'asyncapi/actors/shout.yaml').components.messages
    expect(none['ShoutInput']).not.toHaveProperty('examples')
  })

  it('says how many messages follow from one', () => {
    const { operations } = read(triage, 'asyncapi/pipelines/triage.yaml')
    expect(operations['extract-text.send']?.['x-cardinality']).toBe('many')
    expect(operations['classify.send']?.['x-cardinality']).toBe('optional')
  })
})

describe('The document of an actor', () => {
  it('receives from its queue, and sends where the route says', () => {
    const { channels, operations } = read(triage, 'asyncapi/actors/classify.yaml')
    expect(channels['classify']).toMatchObject({
      address: 'classify',
      bindings: { amqp: { is: 'queue', 'x-exchange': { name: 'asya' } } },
    })
    expect(channels['classify.next']).toMatchObject({
      address: null,
      'x-routing-slip': '$message.payload#/route',
    })
    expect(Object.keys(operations)).toEqual(['classify.receive', 'classify.send'])
  })

  it('sends nothing when the actor returns nothing, and says that it is deprecated', () => {
    const { info, operations } = read(triage, 'asyncapi/actors/store.yaml')
    expect(Object.keys(operations)).toEqual(['store.receive'])
    expect(info).toMatchObject({
      description: '**Deprecated.** use archive instead',
      'x-deprecated': 'use archive instead',
    })
  })
})

describe('The document of a pipeline', () => {
  it('has the queue of every step, and the results', () => {
    const { info, channels } = read(triage, 'asyncapi/pipelines/triage.yaml')
    expect(Object.entries(channels).map(([name, { address }]) => [name, address])).toEqual([
      ['ocr', 'Vision.ocr_v2'],
      ['extract-text', 'extract-text'],
      ['classify', 'classify'],
      ['happy-end', 'happy-end'],
    ])
    expect(info['x-pipeline']).toEqual({
      route: ['Vision.ocr_v2', 'extract-text', 'classify'],
      steps: ['ocr', 'extract-text', 'classify'],
      results: 'many',
      timeoutMs: 600_000,
    })
  })

  it('connects each step with the next, also where an actor stands twice', () => {
    const { operations } = read(triage, 'asyncapi/pipelines/triage-and-store.yaml')
    const sends = Object.entries(operations).filter(([, { action }]) => action === 'send')
    expect(sends.map(([name, { channel }]) => [name, channel.$ref])).toEqual([
      ['ocr.send.ocr', '#/channels/ocr'],
      ['ocr.send.extract-text', '#/channels/extract-text'],
      ['extract-text.send', '#/channels/classify'],
      ['classify.send', '#/channels/store'],
    ])
  })
})
