import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { writeYaml } from './write-yaml.ts'

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('on', 'yes', '~', 'null', '0x1f', '12:30', '1_000', '2026-11-26', '- a', 'a: b'),
  fc.constantFrom(
    'a\n  b\n\nc',
    'a\n\n',
    '\na',
    ' a\nb',
    'a\n \nb',
    '---\n...',
    '#',
    '|',
    'a #b',
    '\u00a0',
    'a\u2003',
  ),
)

describe('writeYaml', () => {
  it('writes what is read as it was, whatever it is', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(
          texts,
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
          fc.constant(null),
        ),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(texts, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(texts, tree, { noNullPrototype: true }), (value) => {
        const text = writeYaml(value)
        expect(parse(text)).toEqual(parse(JSON.stringify(value)))
        expect(parse(text, { version: '1.1' })).toEqual(parse(text))
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  it('writes blocks, lists in lists, and what is empty', () => {
    const value = { a: 'one\n\n  two', b: [[1, 'on'], { c: {}, d: [] }], e: undefined }
    expect(writeYaml(value)).toBe(
      [
        'a: |-',
        '  one',
        '',
        '    two',
        'b:',
        '  - - 1',
        '    - "on"',
        '  - c: {}',
        '    d: []',
        '',
      ].join('\n'),
    )
  })
})
