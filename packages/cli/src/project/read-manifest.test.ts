import { describe, expect, test } from 'vitest'
import { explainMissing } from './explain-missing.ts'
import type { Manifest, ManifestActor, ManifestPipeline } from './manifest.ts'
import { readManifest } from './read-manifest.ts'

function actor(...exports: readonly string[]): ManifestActor {
  return { exports: exports.map(toExport), options: {} }
}

function pipeline(exported: string, steps: number[]): ManifestPipeline {
  return { exports: [toExport(exported)], options: {}, steps }
}

/** `file.ts#export` */
function toExport(text: string): { source: string; exportName: string } {
  const [source = '', exportName = ''] = text.split('#')
  return { source, exportName }
}

function read(manifest: Partial<Manifest>): ReturnType<typeof readManifest> {
  return readManifest({ actors: [], pipelines: [], failures: [], ...manifest })
}

function problemsOf(manifest: Partial<Manifest>): string {
  const result = read(manifest)
  return result.ok ? '' : result.problems.join('\n')
}

describe('names', () => {
  test('come from exports; steps are names of actors.', () => {
    const result = read({
      actors: [actor('a.ts#readPage'), actor('b.ts#parseHTML')],
      pipelines: [pipeline('p.ts#bothOfThem', [1, 0])],
    })
    expect(result).toMatchObject({
      ok: true,
      actors: [{ name: 'read-page' }, { name: 'parse-html' }],
      pipelines: [{ name: 'both-of-them', steps: ['parse-html', 'read-page'] }],
    })
  })

  test('in the options go before those of exports.', () => {
    const named = { ...actor('a.ts#whatever', 'b.ts#other'), options: { name: 'said' } }
    expect(read({ actors: [named] })).toMatchObject({ ok: true, actors: [{ name: 'said' }] })
  })

  test('are one when the same actor is exported under one name by several modules.', () => {
    const result = read({ actors: [actor('a.ts#one', 'index.ts#one', 'a.ts#default')] })
    expect(result).toMatchObject({ ok: true, actors: [{ name: 'one', source: 'a.ts' }] })
  })
})

describe('an actor that somebody else runs', () => {
  const remote = {
    ...actor('remote.ts#classify'),
    options: { name: 'classify' },
    remoteQueue: 'team-b.classify',
  }

  test('is a step by its queue, served by nobody here, and missed by its pipelines alone.', () => {
    const pipelines = [pipeline('p.ts#local', [0]), pipeline('p.ts#far', [0, 1])]
    const result = read({ actors: [actor('a.ts#read'), remote], pipelines })
    expect(result).toMatchObject({
      ok: true,
      actors: [{ name: 'read' }],
      pipelines: [
        { name: 'local', missing: [] },
        {
          name: 'far',
          steps: ['read', 'team-b.classify'],
          missing: [{ name: 'classify', queue: 'team-b.classify' }],
        },
      ],
    })
    expect(result.ok && explainMissing(result.pipelines[1]!)).toBe(
      "the pipeline far (p.ts) cannot be run here: team-b.classify is somebody else's actor. To run " +
        'it all the same, let a file below actors/ export what stands in:\n\n' +
        '  export const classifyHere = classify.standIn((payload) => …)',
    )
  })

  test('is named as `asya import` would name it, also by a word of the language.', () => {
    const named = { ...remote, options: { name: 'delete' } }
    const result = read({ actors: [named], pipelines: [pipeline('p.ts#far', [0])] })
    expect(result.ok && explainMissing(result.pipelines[0]!)).toContain(
      '  export const deleteActorHere = deleteActor.standIn((payload) => …)',
    )
  })

  test('needs no export, and no file of the project.', () => {
    const actors = [{ ...remote, exports: [] }]
    const result = read({ actors, pipelines: [pipeline('p.ts#far', [0])] })
    expect(result).toMatchObject({ ok: true, pipelines: [{ steps: ['team-b.classify'] }] })
  })

  test('is served by its stand-in, if there is one.', () => {
    const standIn = { ...actor('a.ts#here'), options: { name: 'classify' }, standsFor: 0 }
    const result = read({ actors: [remote, standIn], pipelines: [pipeline('p.ts#far', [0])] })
    expect(result).toMatchObject({
      ok: true,
      actors: [{ name: 'team-b.classify', source: 'a.ts', exportName: 'here' }],
      pipelines: [{ steps: ['team-b.classify'], missing: [] }],
    })
  })
})

describe('a project is refused', () => {
  test.each<[string, Partial<Manifest>, string[]]>([
    [
      'with two actors of one name',
      { actors: [actor('a.ts#one'), actor('b.ts#one')] },
      ['2 actors are named "one": a.ts (one), b.ts (one)'],
    ],
    [
      'with two pipelines of one name',
      { actors: [actor('a.ts#a')], pipelines: [pipeline('p.ts#p', [0]), pipeline('q.ts#p', [0])] },
      ['2 pipelines are named "p"'],
    ],
    [
      'with a step that is exported nowhere',
      { actors: [actor()], pipelines: [pipeline('p.ts#triage', [0])] },
      ['step 1 of the pipeline triage (p.ts) is an actor that no module exports'],
    ],
    [
      'with the name of an end',
      { actors: [actor('a.ts#happyEnd')] },
      ['a.ts (happyEnd): "happy-end" is the name of an end of every pipeline'],
    ],
    [
      'with a name that no queue can have',
      { actors: [actor('a.ts#ä1')] },
      ['"ä1" cannot be the name'],
    ],
    [
      'with a default export that has no name',
      { actors: [actor('a.ts#default')] },
      ['a.ts exports an actor by default, which gives it no name'],
    ],
    [
      'with one actor under two names',
      { actors: [actor('a.ts#one', 'b.ts#two')] },
      ['one actor is exported under 2 names (a.ts (one), b.ts (two))'],
    ],
    [
      'for all of its problems at once',
      { actors: [actor('a.ts#errorEnd'), actor('b.ts#default')] },
      ['error-end', 'b.ts exports an actor by default'],
    ],
  ])('%s.', (_name, manifest, expected) => {
    const problems = problemsOf(manifest)
    for (const part of expected) expect(problems).toContain(part)
  })
})
