import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until `condition` holds; throws what the test was waiting for when it does not in time. */
export async function eventually(
  what: string,
  condition: () => boolean,
  withinMs = 5_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > endsAt) throw new Error(`not within ${String(withinMs)} ms: ${what}`)
    await sleep(5)
  }
}
