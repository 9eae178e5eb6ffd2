/** Waits before the attempts to reach a broker: they grow, and no two clients keep step. */

const FIRST_MS = 100
const LONGEST_MS = 3_000

/**
 * @param failures in a row, from 1
 * @param random 0 ≤ random < 1: takes away up to half of the wait
 */
export function backOffMs(failures: number, random: number): number {
  const plannedMs = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS)
  return plannedMs * (1 - random / 2)
}
