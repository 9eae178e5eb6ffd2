import { watchProject } from '../dev/watcher.ts'
import { whenAborted } from '../interrupt.ts'
import { count } from '../view/model-text.ts'
import { formatTime } from '../view/log-text.ts'
import { createPaint } from '../view/paint.ts'
import { buildProject } from './build-project.ts'
import { countChanges, printProblems, type BuiltLayout } from './print-built.ts'
import type { ProjectBuilder } from './project-builder.ts'

export interface WatchOptions extends Pick<BuiltLayout, 'projectDir' | 'outDir' | 'format'> {
  /** Ends it. */
  readonly signal: AbortSignal
}

/**
 * Builds at once and again whenever a file of the project changes, a line for each; resolves when it
 * is ended. What does not build leaves the last build where it is. Bundles are left to `asya build`.
 */
export async function watchBuild(builder: ProjectBuilder, options: WatchOptions): Promise<void> {
  const { projectDir, outDir, signal } = options
  let building = build(builder, options)
  const inputs = await building
  const watcher = await watchProject(projectDir, {
    ignored: [outDir],
    onChange: () => {
      // One at a time: each compares with what the last one wrote.
      building = building.then(() => build(builder, options))
      void building.then((read) => {
        watcher.add(read)
      })
    },
  })
  watcher.add(inputs)
  process.stdout.write(`watching ${projectDir}\n`)
  await whenAborted(signal)
  await watcher.close()
  await building
}

/** Returns the files that were read. */
async function build(builder: ProjectBuilder, options: WatchOptions): Promise<readonly string[]> {
  const paint = createPaint(process.stdout)
  const startedAt = performance.now()
  const built = await buildProject(builder, {
    ...options,
    isCheck: false,
    dependencies: undefined,
    say: () => undefined,
  })
  const took = `${Math.round(performance.now() - startedAt)} ms`
  const time = paint('dim', formatTime(Date.now()))
  const print = (line: string): void => void process.stdout.write(`${time} ${line}\n`)
  switch (built.type) {
    case 'unreadable':
      printProblems(built.problems, options)
      print(`${paint('red', '✗')} not built (${took}): what was built before stays`)
      return built.inputs
    case 'refused':
      print(`${paint('red', '✗')} ${built.reason}`)
      return built.inputs
    case 'built': {
      printProblems(built.warnings, options)
      const { written, removed } = countChanges(built.differences)
      const changed =
        written + removed === 0 ? 'nothing changed' : `${count(written, 'file')} written`
      const gone = removed === 0 ? '' : `, ${removed} removed`
      print(`${paint('green', '✓')} built in ${took}: ${changed}${gone}`)
      return built.inputs
    }
  }
}
