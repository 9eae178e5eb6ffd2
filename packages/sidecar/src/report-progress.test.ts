import { afterEach, expect, test } from 'vitest'
import { eventually } from './testing/eventually.ts'
import type { ScriptedCall } from './testing/scripted-runtime.ts'
import { Workbench } from './testing/workbench.ts'

let bench: Workbench

afterEach(async () => {
  await bench.close()
})

/** The reports of one message of a job that came on branch 1 of 2. */
async function reportsOf(payload: unknown, outputs: unknown, reportsPayloads: boolean) {
  const answer = (call: ScriptedCall): void => {
    call.reply(outputs)
  }
  bench = new Workbench(answer, { reportsPayloads })
  await bench.start()
  await bench.send(payload, { job_id: 'j', branch: [[1, 2, 'g']] })
  await eventually('the step is over', () =>
    bench.reports.some(({ status }) => status === 'completed'),
  )
  return bench.reports
}

test('A step is told when it begins and when it is over, with what its handler took', async () => {
  const reports = await reportsOf('secret', [{ payload: 'secret' }], false)
  expect(reports.map(({ status }) => status)).toEqual(['received', 'processing', 'completed'])
  expect(reports.at(-1)).toMatchObject({ jobId: 'j', step: 'actor', stepIndex: 0, totalSteps: 2 })
  expect(reports.at(-1)?.durationMs).toBeGreaterThan(0)
  expect(JSON.stringify(reports)).not.toContain('secret')
})

test('Payloads before and after the step are told where that was asked for', async () => {
  const reports = await reportsOf({ n: 1 }, [{ payload: 'one' }, { payload: 2 }], true)
  expect(reports.map(({ payloads }) => payloads)).toEqual([
    { branch: '1.2.g', excerpts: [{ text: '{"n":1}', bytes: 7 }], count: 1 },
    undefined,
    {
      branch: '1.2.g',
      excerpts: [
        { text: '"one"', bytes: 5 },
        { text: '2', bytes: 1 },
      ],
      count: 2,
    },
  ])
})

test('Of long payloads the beginning is told, and of many the first', async () => {
  const text = 'ä'.repeat(100_000)
  const outputs = Array.from({ length: 50 }, (_, payload) => ({ payload }))
  const [received, , completed] = await reportsOf(text, outputs, true)
  const [excerpt] = received?.payloads?.excerpts ?? []
  expect(excerpt?.bytes).toBe(200_002)
  expect(excerpt?.text).toMatch(/^"ä{8191}$/)
  expect(completed?.payloads).toMatchObject({ count: 50 })
  expect(completed?.payloads?.excerpts).toHaveLength(10)
})
