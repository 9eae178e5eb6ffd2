import { describe, expect, test } from 'vitest'
import {
  boolean,
  ConfigurationError,
  httpUrl,
  integer,
  listenAddress,
  readEnvironment,
  text,
  withDefault,
} from './environment.ts'

function messageOf(read: () => unknown): string {
  try {
    read()
    return ''
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
}

describe('reading the environment', () => {
  test('gives each variable its own type', () => {
    const spec = { NAME: text(), COUNT: integer(0, 10), IS_ON: withDefault(boolean(), false) }
    const values = readEnvironment(spec, { NAME: 'n', COUNT: '3' })
    expect(values).toEqual({ NAME: 'n', COUNT: 3, IS_ON: false })
  })

  test('never shows a secret', () => {
    const spec = { TOKEN: { ...integer(0, 1), isSecret: true } }
    const message = messageOf(() => readEnvironment(spec, { TOKEN: 'hunter2' }))
    expect(message).not.toContain('hunter2')
    expect(message).toContain('TOKEN is a secret')
  })

  test('prefers the own name of a variable to its aliases, and names the one that is wrong', () => {
    const spec = { NEW: { ...integer(0, 10), aliases: ['OLD'] } }
    expect(readEnvironment(spec, { NEW: '1', OLD: '2' })).toEqual({ NEW: 1 })
    expect(messageOf(() => readEnvironment(spec, { OLD: 'x' }))).toContain('OLD is "x"')
  })

  test.each([
    [':8080', { host: undefined, port: 8080 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:80', { host: '::1', port: 80 }],
  ])('reads the address %s', (value, expected) => {
    expect(readEnvironment({ A: listenAddress() }, { A: value })).toEqual({ A: expected })
  })

  test.each(['8080', ':70000', '::1:80', 'host'])('refuses the address %s', (value) => {
    expect(messageOf(() => readEnvironment({ A: listenAddress() }, { A: value }))).toContain(value)
  })

  test('takes the slash off the end of a URL, and refuses other protocols', () => {
    expect(readEnvironment({ U: httpUrl() }, { U: 'http://g:1/x/' })).toEqual({ U: 'http://g:1/x' })
    expect(messageOf(() => readEnvironment({ U: httpUrl() }, { U: 'ftp://g' }))).toContain(
      'ftp://g',
    )
  })
})
