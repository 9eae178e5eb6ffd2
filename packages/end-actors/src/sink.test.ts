import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testActor } from '@asya/sdk/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { directorySink, fileNameOf, noSink } from './sink.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'asya-sink-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true })
  vi.unstubAllEnvs()
  vi.resetModules()
})

describe('a sink', () => {
  test('in a directory keeps each message byte for byte, and one that comes twice once', async () => {
    const sink = directorySink(join(directory, 'made', 'when needed'))
    const text = '{"payload":9007199254740993}'
    await sink.keep({ id: 'a', text: 'an earlier one' })
    await sink.keep({ id: 'a', text })
    await sink.keep({ id: 'b', text })
    const folder = join(directory, 'made', 'when needed')
    expect(readdirSync(folder).sort()).toEqual(['a.json', 'b.json'])
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe(text)
  })

  test('rejects when it cannot keep, so that the message comes again', async () => {
    const sink = directorySink('/dev/null/nowhere')
    await expect(sink.keep({ id: 'a', text: '{}' })).rejects.toThrow('ENOTDIR')
  })

  test('of none keeps nothing', async () => {
    await expect(noSink.keep({ id: 'a', text: '{}' })).resolves.toBeUndefined()
  })

  test.each(['../../etc/passwd', '..', '.', 'a/b', 'x'.repeat(5_000), '\ud800', 'ü', 'a\0b'])(
    'never lets an id leave its directory (%#)',
    async (id) => {
      expect(fileNameOf(id)).toMatch(/^[A-Za-z0-9%_!'()*~-]{1,150}\.json$/)
      await directorySink(directory).keep({ id, text: '{}' })
      expect(readdirSync(directory)).toEqual([fileNameOf(id)])
    },
  )

  test('gives two ids two files', () => {
    const ids = ['a.b', 'a%2Eb', 'a/b', 'a%2Fb', 'A', 'a']
    expect(new Set(ids.map(fileNameOf)).size).toBe(ids.length)
  })
})

describe.each([
  ['happy-end', 'happyEnd'],
  ['error-end', 'errorEnd'],
] as const)('%s', (name, exported) => {
  test('keeps the whole message below its own name, and answers nothing', async () => {
    vi.stubEnv('ASYA_SINK', directory)
    const module = await import('./index.ts')
    const run = await testActor(module[exported], { q: 1 }, {})
    expect(run).toMatchObject({ status: 'succeeded', outputs: [] })
    const [file = ''] = readdirSync(join(directory, name))
    const kept: unknown = JSON.parse(readFileSync(join(directory, name, file), 'utf8'))
    expect(kept).toMatchObject({ payload: { q: 1 }, route: {} })
  })
})
