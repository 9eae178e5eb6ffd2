import { expect, test } from 'vitest'
import { createLog } from './log.ts'

test('a line is one JSON object with level, time, the fields and msg', () => {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    fields: { actor: 'a' },
    write: (line) => lines.push(line),
  })
  log.info({ message_id: 'm1' }, 'two\nlines')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^\{.*\}\n$/)
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    actor: 'a',
    message_id: 'm1',
    msg: 'two\nlines',
  })
})

test('lines below the level are not written', () => {
  const levels: string[] = []
  for (const level of ['debug', 'warn', 'silent'] as const) {
    const log = createLog({
      level,
      fields: {},
      write: (line) => levels.push(`${level}:${(JSON.parse(line) as { level: string }).level}`),
    })
    for (const at of ['debug', 'info', 'warn', 'error'] as const) log[at]({}, 'x')
  }
  expect(levels).toEqual([
    'debug:debug',
    'debug:info',
    'debug:warn',
    'debug:error',
    'warn:warn',
    'warn:error',
  ])
})
