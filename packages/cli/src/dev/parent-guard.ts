/**
 * Loaded into every runtime before anything else: its stdin is a pipe that the dev run holds open,
 * so it ends when the dev run does, even if that was killed and could clean up nothing.
 */
import { isMainThread } from 'node:worker_threads'

// Only the runtime itself: what it forks inherits its arguments, but has another stdin.
const guardedBy = Number(new URL(import.meta.url).searchParams.get('parent'))

if (isMainThread && process.ppid === guardedBy) {
  process.stdin.on('end', () => process.exit(1))
  process.stdin.on('error', () => process.exit(1))
  process.stdin.resume()
  // Waiting for that must not keep a runtime alive that is done.
  process.stdin.unref()
}
