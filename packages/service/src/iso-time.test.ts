import fc from 'fast-check'
import { test } from 'vitest'
import { formatIsoTime } from './iso-time.ts'

test('a time reads as toISOString writes it, as long as its year has four digits', () => {
  const times = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  fc.assert(fc.property(times, (time) => formatIsoTime(time.getTime()) === time.toISOString()))
})
