import { stringifyToBytes } from '@asya/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBoundedPattern } from './bounded-pattern.ts'
import { compileCheck } from './check-arguments.ts'

const EVIL = [
  ['^(a+)+$', `${'a'.repeat(40)}!`],
  ['^(a|aa)+$', `${'a'.repeat(60)}!`],
  ['^(a|a)*$', `${'a'.repeat(60)}!`],
  ['(x+x+)+y', 'x'.repeat(60)],
  ['^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}$', `${'a'.repeat(60)}!`],
  ['^(\\w+\\s?)*$', `${'word '.repeat(20)}!`],
  ['^(.*)*$\\n', '😀'.repeat(40)],
] as const

describe('A pattern', () => {
  it.each(EVIL)('that would try for ever does not: %s', (pattern, text) => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern } } }
    const check = compileCheck(schema, undefined)
    const startedAt = performance.now()
    expect(check(stringifyToBytes({ a: text }))).toMatchObject({ ok: false })
    // Without the second engine it is hours.
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  it('says of every string what it says with the flag `u`', () => {
    const patterns = [
      ...[
        '^.$',
        '^..?$',
        '^[^a]$',
        '^[a-z]+$',
        '^\\W+$',
        '^\\S{2,3}$',
        '^\\d*\\D$',
        '\\bx\\b',
        '^[^ -~]+$',
      ],
      ...[
        '^(?=.*a).{3,}$',
        '(.)\\1',
        '^\\$\\{[\\w.]+\\}$',
        'a|b$',
        '^$',
        '^[\\s\\S]{3}$',
        '\\.',
        '[\\]\\-]',
      ],
      ...['\\u{1f600}', '^\\p{L}+$', 'é+', '^[\\ud83d]$', '\\x41', '^[\\u0080-\\uffff]$'],
    ]
    const unit = fc.constantFrom(
      'a',
      'b',
      'x',
      'A',
      '1',
      ' ',
      '\n',
      '-',
      ']',
      '.',
      'é',
      '\ue000',
      '😀',
      '\ud83d',
      '\ude00',
      '\0',
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...patterns),
        fc.string({ unit, maxLength: 6 }),
        (pattern, text) => {
          expect(toBoundedPattern(pattern, 'u').test(text)).toBe(
            new RegExp(pattern, 'u').test(text),
          )
        },
      ),
      { numRuns: 20_000 },
    )
  })

  it('that is none is refused as it was', () => {
    expect(() => toBoundedPattern('(', 'u')).toThrow(SyntaxError)
    expect(() => toBoundedPattern('\\-', 'u')).toThrow(SyntaxError)
  })
})
