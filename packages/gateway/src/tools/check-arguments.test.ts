import { toJsonBytes } from '@asya/protocol'
import { expect, it } from 'vitest'
import { compileCheck } from './check-arguments.ts'

it.each([
  [{ type: 'wrong' }, /schema is invalid/],
  [{ properties: { a: { pattern: '(' } } }, /[Ii]nvalid regular expression|pattern/],
  [{ properties: { a: { $ref: '#/definitions/nothing' } } }, /resolve reference/],
])('Arguments are refused by %j, which cannot be used, with the reason', (schema, reason) => {
  const check = compileCheck(schema, undefined)
  for (let count = 0; count < 2; count++) {
    const answer = check(toJsonBytes(Buffer.from('{"a":"x"}')))
    expect(answer).toEqual({ ok: false, problems: [expect.stringMatching(reason)] })
    const [problem] = answer.ok ? [] : answer.problems
    expect(problem).toContain("the tool's input schema is of no use")
  }
})
