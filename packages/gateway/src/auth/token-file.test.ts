import { randomBytes } from 'node:crypto'
import { mkdtemp, rename, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import * as yaml from 'yaml'
import { hashToken } from './bearer.ts'
import { describeNewToken } from './hash-token.ts'
import { readTokenList, type TokenList } from './token-list.ts'
import { WatchedFile } from './watched-file.ts'

const hashOf = (token: string): string => `sha256:${hashToken(token).toString('hex')}`

function read(text: string): TokenList {
  const tokens = readTokenList(text)
  if (!tokens.ok) throw new Error(tokens.problem)
  return tokens.list
}

describe('A file of tokens', () => {
  it('is YAML or JSON', () => {
    const tokens = [{ principal: 'ci', hash: hashOf('a'), scopes: ['read'], expires: '2100-01-01' }]
    for (const text of [JSON.stringify({ tokens }), yaml.stringify({ tokens })])
      expect(read(text).find(hashToken('a'))).toEqual({
        ...{ type: 'valid', principal: { name: 'ci', scopes: new Set(['read']) } },
      })
  })

  it('knows no other tokens, and those that have expired no more', () => {
    const list = read(
      JSON.stringify({ tokens: [{ principal: 'ci', hash: hashOf('a'), expires: '2030-01-01' }] }),
    )
    expect(list.find(hashToken('b'))).toEqual({ type: 'unknown' })
    expect(list.find(hashToken('a'), Date.parse('2029-12-31'))).toMatchObject({ type: 'valid' })
    expect(list.find(hashToken('a'), Date.parse('2030-01-01'))).toEqual({ type: 'expired' })
  })

  it.each([
    ['tokens: [', 'line 1: this is no YAML'],
    ['[]', 'the file: '],
    ['tokens: {}', 'tokens: '],
    ['tokens: [{principal: ci}]', 'tokens[0].hash: '],
    ['tokens: [{principal: ci, hash: secret}]', 'tokens[0].hash: expected "sha256:" and 64 digits'],
    [
      `tokens: [{principal: "a\\0", hash: "${hashOf('a')}"}]`,
      'tokens[0].principal: expected 1 to 255',
    ],
    [`tokens: [{principal: ci, hash: "${hashOf('a')}", scopes: [admin]}]`, 'tokens[0].scopes[0]: '],
    [
      `tokens: [{principal: ci, hash: "${hashOf('a')}", expires: soon}]`,
      'tokens[0].expires: expected',
    ],
    [`tokens: [{principal: ci, hash: "${hashOf('a')}", token: x}]`, 'tokens[0]: '],
    [
      `tokens: [{principal: a, hash: "${hashOf('a')}"}, {principal: b, hash: "${hashOf('a')}"}]`,
      'tokens[1].hash: the same token stands there twice',
    ],
    [`a: &a [x]\nb: [${'*a,'.repeat(50)}]`, 'no YAML without aliases'],
  ])('says what is wrong with %s, and shows no value', (text, problem) => {
    const tokens = readTokenList(text)
    expect(tokens).toMatchObject({ ok: false, problem: expect.stringContaining(problem) as string })
    expect(JSON.stringify(tokens)).not.toContain('secret')
  })
})

describe('A new token', () => {
  it('has 256 random bits, and a line that is read as its own', () => {
    const said = describeNewToken('ci')
    const token = /asya_[\w-]{43}/.exec(said)?.[0] ?? ''
    const list = read(`tokens:\n${said}`)
    expect(list.find(hashToken(token))).toMatchObject({ principal: { name: 'ci' } })
    expect(describeNewToken('ci')).not.toContain(token)
  })

  it('is somebody’s', () => {
    expect(() => describeNewToken(undefined)).toThrow('hash-token <principal>')
    expect(() => describeNewToken('a\nb')).toThrow('hash-token <principal>')
  })
})

describe('A file that changes', () => {
  const folder = () => mkdtemp(join(tmpdir(), 'asya-watched-'))
  const open = (path: string, errors: string[]) =>
    new WatchedFile({
      ...{ path, variable: 'ASYA_TOKENS_PATH', onError: (message: string) => errors.push(message) },
      parse: (text: string) => (text === 'bad' ? { problem: 'it is bad' } : { value: text }),
    })

  it('is read again; what cannot be read changes nothing', async () => {
    const path = join(await folder(), 'tokens')
    await writeFile(path, 'one')
    const errors: string[] = []
    const file = open(path, errors)
    await file.start()
    expect(file.value).toBe('one')
    await writeFile(path, 'two')
    await vi.waitFor(() => expect(file.value).toBe('two'), 5_000)
    await writeFile(path, 'bad')
    await vi.waitFor(() => expect(errors.join()).toContain('it is bad; what it said before'), 5_000)
    expect(file.value).toBe('two')
    await writeFile(path, 'three')
    await vi.waitFor(() => expect(file.value).toBe('three'), 5_000)
    file.close()
  })

  it('is followed as a cluster changes it, by a link', async () => {
    const dir = await folder()
    await writeFile(join(dir, 'v1'), 'one')
    await writeFile(join(dir, 'v2'), 'two')
    await symlink(join(dir, 'v1'), join(dir, 'tokens'))
    const file = open(join(dir, 'tokens'), [])
    await file.start()
    await symlink(join(dir, 'v2'), join(dir, 'next'))
    await rename(join(dir, 'next'), join(dir, 'tokens'))
    await vi.waitFor(() => expect(file.value).toBe('two'), 5_000)
    file.close()
  })

  it('that is not there at the start is bad configuration', async () => {
    const file = open(join(await folder(), randomBytes(4).toString('hex')), [])
    await expect(file.start()).rejects.toThrow(/ASYA_TOKENS_PATH: .*cannot be read \(ENOENT\)/)
  })
})
