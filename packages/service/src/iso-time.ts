/**
 * `2026-11-23T17:31:08.123Z`, as Date.toISOString writes it. That one also loads ICU and its time
 * zones, which is 0.8 MiB in a process that writes nothing but its log.
 */
export function formatIsoTime(epochMs: number): string {
  const date = new Date(epochMs)
  const month = pad(date.getUTCMonth() + 1, 2)
  const day = `${pad(date.getUTCFullYear(), 4)}-${month}-${pad(date.getUTCDate(), 2)}`
  const minutes = `${pad(date.getUTCHours(), 2)}:${pad(date.getUTCMinutes(), 2)}`
  const seconds = `${pad(date.getUTCSeconds(), 2)}.${pad(date.getUTCMilliseconds(), 3)}`
  return `${day}T${minutes}:${seconds}Z`
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
