import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('a process that has nothing to do collects what its start left behind', async () => {
  expect(await watchGarbage('')).toBe('collected')
})

test('a large heap is left to V8', async () => {
  expect(await watchGarbage('globalThis.kept = new Array(10_000_000).fill(0)')).toBe('kept')
})

/** What becomes of garbage in a process of its own, after `prepare` and while nothing happens. */
async function watchGarbage(prepare: string): Promise<string> {
  const script = `
    import { shrinkHeapWhenIdle } from '${new URL('./shrink-heap.ts', import.meta.url).href}'
    ${prepare}
    const garbage = new WeakRef({})
    shrinkHeapWhenIdle()
    setTimeout(() => console.log(garbage.deref() ? 'kept' : 'collected'), 2_000)`
  const args = ['--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return stdout.trim()
}
