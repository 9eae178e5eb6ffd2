/** Durations as Go writes them: `300ms`, `1m30s`, `1.5h`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // the micro sign, U+00B5
  μs: 1e-3, // the Greek letter, U+03BC: Go reads both
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

const PART = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/

/** Nothing here lasts longer; timers and dates could not count it. */
const MAX_MS = 100 * 365 * 24 * 3_600_000

/** Milliseconds of a duration; undefined when it is written otherwise. Never negative. */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0
  if (!WHOLE.test(text)) return undefined
  let totalMs = 0
  for (const [, amount, unit] of text.matchAll(PART))
    totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0)
  if (totalMs > MAX_MS) return undefined
  // To the nanosecond: 1.001 * 1000 is not quite 1001.
  return Number.isInteger(totalMs) ? totalMs : Math.round(totalMs * 1e6) / 1e6
}

/** Timers cannot wait any longer (2^31 - 1 ms, some 24 days). */
const MAX_TIMER_MS = 2_147_483_647

/** Milliseconds of a duration as authors write it, text or a number of them; undefined when it is none. */
export function toMs(duration: unknown): number | undefined {
  const ms = typeof duration === 'string' ? parseDurationMs(duration) : duration
  return typeof ms === 'number' && ms >= 0 && ms <= MAX_TIMER_MS ? ms : undefined
}

/** Writes milliseconds for people: `1.5s`, `2m`, `1h30m`. */
export function formatDuration(ms: number): string {
  const wholeMs = Math.round(ms)
  if (wholeMs < 1_000) return `${String(wholeMs)}ms`
  const tenths = Math.round(ms / 100)
  if (tenths < 600) return `${String(tenths / 10)}s`
  const totalSeconds = Math.round(ms / 1_000)
  const parts = [
    [Math.floor(totalSeconds / 3_600), 'h'],
    [Math.floor((totalSeconds % 3_600) / 60), 'm'],
    [totalSeconds % 60, 's'],
  ] as const
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${String(amount)}${unit}`)
    .join('')
}

/** Writes milliseconds so that they are read back as they are. */
export function writeDuration(ms: number): string {
  // Written for people they may be rounded, below a second.
  return ms % 1_000 === 0 ? formatDuration(ms) : `${String(ms)}ms`
}
