import { describe, expect, it } from 'vitest'
import { decodeManifest, type Manifest } from './manifest.ts'

const whole: Manifest = {
  manifest: 1,
  project: { name: 'p', version: '1.0.0' },
  actors: [
    {
      name: 'read-page',
      kind: 'node',
      queue: 'read-page',
      description: 'Reads.',
      deprecated: 'use fetch',
      source: 'actors/read-page.ts',
      exportName: 'readPage',
      bundle: 'bundles/read-page/handler.mjs',
      guard: 'guards/read-page.mjs',
      cardinality: 'many',
      timeoutMs: 1_000,
      concurrency: 2,
      retry: {
        maxAttempts: 5,
        initialDelayMs: 100,
        maxDelayMs: 1_000,
        backoff: 1.5,
        retryCodes: ['invalid_json'],
        fatalCodes: [],
      },
    },
  ],
  pipelines: [
    {
      name: 'triage',
      description: 'Sorts.',
      deprecated: '',
      steps: ['read-page'],
      route: ['read-page'],
      results: 'many',
      timeoutMs: 5_000,
    },
  ],
}

describe('decodeManifest', () => {
  it('reads what was written', () => {
    expect(decodeManifest(JSON.stringify(whole))).toEqual({ ok: true, value: whole })
  })

  it('leaves out what it does not know', () => {
    const [actor] = whole.actors
    const text = JSON.stringify({ ...whole, actors: [{ ...actor, colour: 'red' }] })
    expect(decodeManifest(text)).toEqual({ ok: true, value: whole })
  })

  it.each([
    ['{', 'it is not JSON'],
    ['[]', '$: expected an object'],
    ['{"manifest":2}', '$.manifest: expected 1'],
    [JSON.stringify({ ...whole, actors: {} }), '$.actors: expected a list'],
    [
      JSON.stringify({ ...whole, actors: [{ ...whole.actors[0], kind: 'go' }] }),
      '$.actors[0].kind: expected node or python or remote',
    ],
    [
      JSON.stringify({ ...whole, actors: [{ ...whole.actors[0], retry: { backoff: -1 } }] }),
      '$.actors[0].retry.backoff: expected a number from 0',
    ],
    [
      JSON.stringify({ ...whole, pipelines: [{ ...whole.pipelines[0], steps: ['a', 1] }] }),
      '$.pipelines[0].steps[1]: expected a text',
    ],
  ])('names the place of what is wrong: %s', (text, reason) => {
    expect(decodeManifest(text)).toEqual({ ok: false, reason })
  })
})
