import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERROR_END, HAPPY_END, isActorName, isId, isStepName, nameFromExport } from './names.ts'

describe('nameFromExport', () => {
  it.each([
    ['extract', 'extract'],
    ['readPage', 'read-page'],
    ['ReadPage', 'read-page'],
    ['parseHTMLPage', 'parse-html-page'],
    ['parseHTML', 'parse-html'],
    ['HTMLParser', 'html-parser'],
    ['URL', 'url'],
    ['aBC', 'a-bc'],
    ['ABc', 'a-bc'],
    ['aBcD', 'a-bc-d'],
    ['toUTF8Text', 'to-utf8-text'],
    ['gpt4Turbo', 'gpt4-turbo'],
    ['step2', 'step2'],
    ['step2B', 'step2-b'],
    ['read_page', 'read-page'],
    ['READ_PAGE', 'read-page'],
    ['read__page', 'read-page'],
    ['read_Page', 'read-page'],
    ['read$page', 'read-page'],
    ['$_$', ''],
    ['_private', 'private'],
    ['$store', 'store'],
    ['trailing_', 'trailing'],
    ['default', 'default'],
    ['größe', 'größe'],
  ])('makes of %s the name %j', (exportName, name) => {
    expect(nameFromExport(exportName)).toBe(name)
  })

  it('gives a lasting name: applied to its own result it changes nothing', () => {
    const identifier = fc.stringMatching(/^[A-Za-z_$][A-Za-z0-9_$]{0,30}$/)
    fc.assert(
      fc.property(identifier, (exportName) => {
        const name = nameFromExport(exportName)
        expect(nameFromExport(name)).toBe(name)
        expect(name).not.toMatch(/^-|-$|--|[A-Z_$]/)
      }),
    )
  })

  it('gives an actor name for every export of ASCII that begins with a letter and is not too long', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_$]{0,23}$/), (exportName) => {
        expect(isActorName(nameFromExport(exportName))).toBe(true)
      }),
    )
  })
})

describe('An actor name', () => {
  it.each(['a', 'read-page', 'a1', 'a--b', 'x'.repeat(50), HAPPY_END, ERROR_END])(
    'is %s',
    (name) => {
      expect(isActorName(name)).toBe(true)
      expect(isStepName(name)).toBe(true)
    },
  )

  it.each(['', '1a', '-a', 'a-', 'A', 'a_b', 'a.b', 'a\n', 'ü', 'x'.repeat(51)])(
    'is not %j',
    (name) => {
      expect(isActorName(name)).toBe(false)
    },
  )
})

describe('A step name', () => {
  it.each(['A', '0', 'a.b', 'a_b', 'my-actor', 'x'.repeat(200)])('is %s', (name) => {
    expect(isStepName(name)).toBe(true)
  })

  it.each([
    '',
    '.',
    '-a',
    '_a',
    'a b',
    'a*',
    '#',
    'a/b',
    'a\n',
    'ü',
    'x'.repeat(201),
    1,
    null,
    ['a'],
  ])('is not %j', (name) => {
    expect(isStepName(name)).toBe(false)
  })
})

describe('An id', () => {
  it.each([
    'a',
    '6f1c2a3b-4d5e-4f60-8192-a3b4c5d6e7f8',
    '1.0',
    'größe 😀',
    'a\u2028b',
    'ü'.repeat(127),
  ])('may be %j', (id) => {
    expect(isId(id)).toBe(true)
  })

  it.each([
    '',
    '\n',
    'a\u0000',
    'a\u007f',
    'a\u0085',
    '\ud800',
    'a\udc00',
    'x'.repeat(256),
    7,
    null,
  ])('is not %j', (id) => {
    expect(isId(id)).toBe(false)
  })

  it('has at most 255 bytes of UTF-8, however many characters these are', () => {
    expect(isId('ü'.repeat(128))).toBe(false)
    expect(isId('😀'.repeat(63))).toBe(true)
    expect(isId('😀'.repeat(64))).toBe(false)
  })

  it('can be carried by AMQP, a URL and JSON without a change', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        fc.pre(isId(text))
        expect(Buffer.from(text).toString()).toBe(text)
        expect(decodeURIComponent(encodeURIComponent(text))).toBe(text)
        expect(JSON.parse(JSON.stringify(text))).toBe(text)
      }),
    )
  })
})
