import { describe, expect, test } from 'vitest'
import { defineActor, definePipeline } from '../index.ts'
import { resolveHandler, type ModuleNamespace } from './resolve-handler.ts'

const readPage = defineActor((page: { url: string }) => page)
const splitText = defineActor((page: { url: string }) => page)
const plain = (page: { url: string }): unknown => page

function reasonFor(module: ModuleNamespace, exportName?: string): string {
  const resolved = resolveHandler(module, exportName)
  return resolved.ok ? 'resolved' : resolved.reason
}

describe('resolveHandler', () => {
  test('A named export is taken, be it an actor or a plain function.', () => {
    const module = { readPage, plain }
    expect(resolveHandler(module, 'readPage')).toEqual({
      ok: true,
      actor: readPage,
      exportName: 'readPage',
    })
    const resolved = resolveHandler(module, 'plain')
    expect(resolved.ok && resolved.actor.process).toBe(plain)
  })

  test('Without a name the default export is taken, else the only actor, else the only function.', () => {
    expect(resolveHandler({ default: readPage, splitText })).toMatchObject({ actor: readPage })
    expect(resolveHandler({ readPage, plain, limit: 5 })).toMatchObject({ exportName: 'readPage' })
    expect(resolveHandler({ plain, limit: 5 })).toMatchObject({ exportName: 'plain' })
  })

  test('A name that is not there is met with the one that was probably meant.', () => {
    expect(reasonFor({ readPage, splitText }, 'read-page')).toBe(
      'there is no export read-page; did you mean readPage? (there are: readPage, splitText)',
    )
    expect(reasonFor({}, 'readPage')).toBe('there is no export readPage (there are none)')
    expect(reasonFor({ readPage }, 'toString')).toContain('there is no export toString')
  })

  test('An export that cannot be run is told as what it is.', () => {
    const triage = definePipeline([readPage])
    expect(reasonFor({ readPage, triage }, 'triage')).toBe(
      'the export triage is a pipeline; export defineActor(…) (there are: readPage)',
    )
    expect(reasonFor({ default: 5 })).toContain(
      'the export default is neither an actor nor a function',
    )
  })

  test('Without a name several actors are too many, and none too few.', () => {
    expect(reasonFor({ readPage, splitText })).toBe(
      'the module exports several actors; name the one to run (there are: readPage, splitText)',
    )
    expect(reasonFor({ limit: 5 })).toContain('neither an actor nor a function')
  })
})
