import { watchProject } from '../dev/watcher.ts'
import { explainError } from '../errors.ts'
import { whenAborted } from '../interrupt.ts'
import { Rerunner } from '../rerunner.ts'
import { count } from '../view/model-text.ts'
import { formatTime } from '../view/log-text.ts'
import { createPaint } from '../view/paint.ts'
import { buildProject, type Built } from './build-project.ts'
import { countChanges, printProblems, type BuiltLayout } from './print-built.ts'
import type { ProjectBuilder } from './project-builder.ts'

export interface WatchOptions extends Pick<BuiltLayout, 'projectDir' | 'outDir' | 'format'> {
  /** Ends it. */
  readonly signal: AbortSignal
}

/**
 * Builds at once and again whenever a file of the project changes, a line for each; resolves when it
 * is ended. What does not build leaves the last build where it is. Bundles are left to `asya build`.
 *
 * One at a time, for each compares with what the last one wrote; it ends by `signal` alone.
 */
export async function watchBuild(
  builder: Pick<ProjectBuilder, 'make'>,
  options: WatchOptions,
): Promise<void> {
  const { projectDir, outDir, signal } = options
  const builds = new Rerunner(async () => {
    watcher.add(await build(builder, options))
  })
  // Before the first build, which takes seconds in which a file may be saved.
  const watcher = await watchProject(projectDir, {
    ignored: [outDir],
    onChange: () => void builds.run(),
  })
  await builds.run()
  process.stdout.write(`watching ${projectDir}\n`)
  await whenAborted(signal)
  await watcher.close()
  await builds.whenIdle()
}

/** Never rejects; returns the files that were read. */
async function build(
  builder: Pick<ProjectBuilder, 'make'>,
  options: WatchOptions,
): Promise<readonly string[]> {
  const paint = createPaint(process.stdout)
  const startedAt = performance.now()
  const time = paint('dim', formatTime(Date.now()))
  const print = (line: string): void => void process.stdout.write(`${time} ${line}\n`)
  try {
    const built = await buildProject(builder, {
      ...options,
      isCheck: false,
      dependencies: undefined,
      say: () => undefined,
    })
    const took = `${Math.round(performance.now() - startedAt)} ms`
    tell(built, took, { options, print })
    return built.inputs
  } catch (error) {
    print(`${paint('red', '✗')} not built: ${explainError(error)}`)
    return []
  }
}

interface Teller {
  readonly options: WatchOptions
  readonly print: (line: string) => void
}

function tell(built: Built, took: string, { options, print }: Teller): void {
  const paint = createPaint(process.stdout)
  switch (built.type) {
    case 'unreadable':
      printProblems(built.problems, options)
      print(`${paint('red', '✗')} not built (${took}): what was built before stays`)
      return
    case 'refused':
      print(`${paint('red', '✗')} ${built.reason}`)
      return
    case 'built': {
      printProblems(built.warnings, options)
      const { written, removed } = countChanges(built.differences)
      const changed =
        written + removed === 0 ? 'nothing changed' : `${count(written, 'file')} written`
      const gone = removed === 0 ? '' : `, ${removed} removed`
      print(`${paint('green', '✓')} built in ${took}: ${changed}${gone}`)
    }
  }
}
