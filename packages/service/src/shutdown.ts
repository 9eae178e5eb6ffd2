/** What a process does when it is asked to end. */

/**
 * Calls `close` once, at the first SIGTERM or SIGINT, and exits with 0 when it is done. A second
 * signal, or `graceMs` gone by, exits at once with 1.
 */
export function closeOnSignal(
  close: (signal: NodeJS.Signals) => Promise<void>,
  graceMs: number,
): void {
  let isClosing = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isClosing) process.exit(1)
    isClosing = true
    setTimeout(() => process.exit(1), graceMs).unref()
    void close(signal).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
