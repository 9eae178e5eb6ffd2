// It starts its program in the folder in which it was loaded first: that is not to be a test's, which goes.
import 'esbuild'
import { runProgram } from '../program.ts'
import type { Ended } from './run-cli.ts'

/**
 * Does what `asya` does in a process of its own, in this one, which takes a fraction of the time. One
 * at a time, for it holds what all of a process share: its folder, its output and its exit code.
 */
export async function runInProcess(args: readonly string[], cwd: string): Promise<Ended> {
  const before = { cwd: process.cwd(), exitCode: process.exitCode }
  const stdout = capture(process.stdout)
  const stderr = capture(process.stderr)
  try {
    process.chdir(cwd)
    process.exitCode = undefined
    await runProgram(args)
    return { code: readExitCode(), stdout: stdout.read(), stderr: stderr.read() }
  } finally {
    stdout.restore()
    stderr.restore()
    process.exitCode = before.exitCode
    process.chdir(before.cwd)
  }
}

function readExitCode(): number {
  const { exitCode = 0 } = process
  return Number(exitCode)
}

type Written = (error?: Error | null) => void

/** Keeps what is written, in place of writing it. */
function capture(stream: NodeJS.WriteStream): { read(): string; restore(): void } {
  let text = ''
  const write = (
    chunk: Uint8Array | string,
    encoding?: BufferEncoding | Written,
    written?: Written,
  ): boolean => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    const tell = typeof encoding === 'function' ? encoding : written
    if (tell) queueMicrotask(tell)
    return true
  }
  const own = Object.getOwnPropertyDescriptor(stream, 'write')
  stream.write = write
  return {
    read: () => text,
    restore: () => {
      if (own) Object.defineProperty(stream, 'write', own)
      else Reflect.deleteProperty(stream, 'write')
    },
  }
}
