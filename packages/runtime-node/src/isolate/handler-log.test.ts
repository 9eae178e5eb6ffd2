import { expect, test } from 'vitest'
import { createHandlerLog, levelsFrom } from './handler-log.ts'
import type { LogLine } from './isolate.ts'

function collect(): { lines: LogLine[]; log: ReturnType<typeof createHandlerLog> } {
  const lines: LogLine[] = []
  const ids = { message_id: 'm1', job_id: undefined }
  return { lines, log: createHandlerLog(ids, levelsFrom('info'), (line) => lines.push(line)) }
}

test('a message may stand alone or behind fields, and the ids are not to be overwritten', () => {
  const { lines, log } = collect()
  log.info('alone')
  log.warn({ page: 3, message_id: 'forged' }, 'with fields')
  log.error({ page: 4 })
  expect(lines).toEqual([
    { level: 'info', message: 'alone', fields: '{"message_id":"m1"}' },
    { level: 'warn', message: 'with fields', fields: '{"page":3,"message_id":"m1"}' },
    { level: 'error', message: '', fields: '{"page":4,"message_id":"m1"}' },
  ])
})

test('what JSON cannot say is written all the same, and never throws', () => {
  const { lines, log } = collect()
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle['self'] = cycle
  log.info({ big: 12n, error: new RangeError('out', { cause: 'x' }) })
  log.info(cycle)
  log.info({
    get broken() {
      throw new Error('no')
    },
  })
  expect(JSON.parse(lines[0]!.fields)).toMatchObject({
    big: '12',
    error: { name: 'RangeError', message: 'out', cause: 'x' },
  })
  expect(JSON.parse(lines[1]!.fields)).toHaveProperty('fields', expect.stringContaining('Circular'))
  expect(JSON.parse(lines[2]!.fields)).toHaveProperty('message_id', 'm1')
})

test('lines below the level are not even put together', () => {
  const { lines, log } = collect()
  log.debug({ toJSON: () => expect.unreachable() }, 'quiet')
  expect(lines).toEqual([])
  expect([...levelsFrom('silent')]).toEqual([])
})
