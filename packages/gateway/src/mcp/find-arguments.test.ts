import { bytesToText, MAX_DEPTH } from '@asya/protocol'
import { describe, expect, it } from 'vitest'
import { findArguments } from './find-arguments.ts'

const find = (text: string, id: string | number = 1): string | undefined => {
  const found = findArguments(Buffer.from(text), id)
  return found && bytesToText(found)
}

const call = (args: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":${args}}}`

const nest = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

describe('The arguments of a call', () => {
  it('are the bytes as they were written, alone or in a batch', () => {
    expect(find(call('{"n": 1.0}'))).toBe('{"n": 1.0}')
    expect(find(` \n[{"id":2},${call('{"n":1e3}')}]`)).toBe('{"n":1e3}')
    expect(find('{"id":1,"params":{}}')).toBeUndefined()
  })

  it('are found to the depth that a payload may have, and refused beyond: never left out', () => {
    expect(find(call(nest(MAX_DEPTH)))).toBe(nest(MAX_DEPTH))
    for (const wrap of [
      (text: string) => text,
      (text: string) => `[${text}]`,
      (text: string) => `\n ${text}`,
    ])
      for (const depth of [MAX_DEPTH + 4, 100_000])
        expect(() => find(wrap(call(nest(depth))))).toThrow('The request cannot be read')
  })
})
