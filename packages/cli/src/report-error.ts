import { CommanderError } from 'commander'
import { CommandError, EXIT } from './errors.ts'
import { createPaint } from './view/paint.ts'

/** Tells the person at the terminal why a command ended; returns its exit code. */
export function reportError(error: unknown): number {
  // Commander has told its own already; help that was asked for is none.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const paint = createPaint(process.stderr)
  if (error instanceof CommandError) {
    process.stderr.write(`${paint('red', 'asya:')} ${error.message}\n`)
    return error.exitCode
  }
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${paint('red', 'asya:')} this is a mistake of asya itself\n${shown}\n`)
  return EXIT.failed
}
