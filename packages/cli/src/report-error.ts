import { CommanderError } from 'commander'
import { CommandError, EXIT, explainError } from './errors.ts'
import { createPaint } from './view/paint.ts'

/** Tells the person at the terminal why a command ended; returns its exit code. */
export function reportError(error: unknown): number {
  // Commander has told its own already; help that was asked for is none.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const paint = createPaint(process.stderr)
  process.stderr.write(`${paint('red', 'asya:')} ${explainError(error)}\n`)
  return error instanceof CommandError ? error.exitCode : EXIT.failed
}
