import { createPaint } from '../view/paint.ts'
import { ProgressLine } from '../view/progress-line.ts'
import type { ReadResult } from '@asya/compiler'
import type { ProjectOptions } from './project-builder.ts'

/** Reads a project for a command that reads it once, and says so at a terminal: it takes seconds. */
export async function readOnce(options: ProjectOptions): Promise<ReadResult> {
  const progress = new ProgressLine(process.stderr, createPaint(process.stderr))
  progress.show('reading the project …')
  try {
    // The compiler is large: commands that do without it start in a fraction of the time.
    const { openProject } = await import('@asya/compiler')
    return openProject(options).read()
  } finally {
    progress.clear()
  }
}
