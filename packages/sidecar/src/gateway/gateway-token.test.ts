import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readTokenOf } from './gateway-token.ts'

test('a token is read from its file again when a while has passed, and is its first line', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const path = join(await mkdtemp(join(tmpdir(), 'asya-token-')), 'token')
  await writeFile(path, 'one\n')
  const read = readTokenOf({ path })
  expect(await read()).toBe('one')
  await writeFile(path, 'two\none\n')
  expect(await read()).toBe('one')
  vi.advanceTimersByTime(5_001)
  expect(await read()).toBe('two')
  vi.useRealTimers()
})

test('a file that is not there yet is looked for each time', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'asya-token-')), 'token')
  const read = readTokenOf({ path })
  await expect(read()).rejects.toThrow(path)
  await writeFile(path, 'one')
  expect(await read()).toBe('one')
})
