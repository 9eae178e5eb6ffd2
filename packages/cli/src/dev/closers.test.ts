import { expect, test } from 'vitest'
import { Closers } from './closers.ts'

test('What was opened last is closed first, and one that fails keeps none open.', async () => {
  const closers = new Closers()
  const closed: string[] = []
  closers.push(() => void closed.push('first'))
  closers.push(() => Promise.reject(new Error('stuck')))
  closers.push(() => void closed.push('last'))
  await expect(closers.close()).rejects.toThrow('stuck')
  expect(closed).toEqual(['last', 'first'])
  closers.push(() => void closed.push('later'))
  await expect(closers.close()).rejects.toThrow('stuck')
  expect(closed).toEqual(['last', 'first', 'later'])
})

test('What is opened while the rest is closed, or after that, is closed by the next call.', async () => {
  const closers = new Closers()
  const closed: string[] = []
  closers.push(async () => {
    closers.push(() => void closed.push('meanwhile'))
    await Promise.resolve()
  })
  await closers.close()
  closers.push(() => void closed.push('later'))
  await closers.close()
  expect(closed).toEqual(['meanwhile', 'later'])
})
