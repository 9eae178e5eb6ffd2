import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDurationMs, toMs, writeDuration } from './duration.ts'

describe('parseDurationMs', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['300ms', 300],
    ['1.5s', 1_500],
    ['2.3s', 2_300],
    ['1.001s', 1_001],
    ['2m', 120_000],
    ['1m30s', 90_000],
    ['1h2m3s4ms', 3_723_004],
    ['1.5h', 5_400_000],
    ['250us', 0.25],
    ['250µs', 0.25],
    ['250μs', 0.25],
    ['1ns', 1e-6],
    ['24h', 86_400_000],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms)
  })

  it.each([
    '',
    '1',
    '-1s',
    '+1s',
    's',
    '1 s',
    ' 1s',
    '1s ',
    '1d',
    '1.s',
    '.5s',
    '1e3s',
    '1S',
    '1s\n',
  ])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined()
  })

  it('refuses what lasts longer than a century, and what no number can say', () => {
    expect(parseDurationMs('876001h')).toBeUndefined()
    expect(parseDurationMs(`${'9'.repeat(400)}h`)).toBeUndefined()
  })

  it('answers at once, however long the text is', () => {
    const startedAt = performance.now()
    parseDurationMs('1'.repeat(1_000_000))
    parseDurationMs(`${'1m'.repeat(100_000)}x`)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [0.4, '0ms'],
    [999.4, '999ms'],
    [999.6, '1s'],
    [1_000, '1s'],
    [1_549, '1.5s'],
    [59_940, '59.9s'],
    [59_999, '1m'],
    [60_000, '1m'],
    [90_500, '1m31s'],
    [3_600_000, '1h'],
    [5_400_000, '1h30m'],
    [3_603_000, '1h3s'],
    [100 * 3_600_000, '100h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('is read again as nearly the same time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (ms) => {
        const again = parseDurationMs(formatDuration(ms)) ?? NaN
        expect(Math.abs(again - ms)).toBeLessThanOrEqual(ms < 1_000 ? 0 : ms < 60_000 ? 50 : 500)
      }),
    )
  })
})

describe('writeDuration', () => {
  it('A duration is read again as it was.', () => {
    expect([90_000, 1_500, 0].map(writeDuration)).toEqual(['1m30s', '1500ms', '0ms'])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e10 }), (ms) => {
        expect(parseDurationMs(writeDuration(ms))).toBe(ms)
      }),
    )
  })
})

describe('toMs', () => {
  it('A duration is read as text or as milliseconds.', () => {
    expect(['300ms', '1m30s', '1.5h', 250, '0'].map(toMs)).toEqual([300, 90_000, 5_400_000, 250, 0])
    expect(['', '5', '-1s', NaN, undefined, {}].map(toMs)).toEqual(Array(6).fill(undefined))
  })
})
