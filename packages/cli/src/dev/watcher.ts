import { basename, relative, sep } from 'node:path'
import { isIgnoredFolder } from '@asya/compiler/source-files'
import { watch } from 'chokidar'

/** Editors write a file in several steps, and tools many files at once. */
const QUIET_MS = 80

export interface Watcher {
  /** Files outside the project that it is made of. */
  add(paths: readonly string[]): void
  close(): Promise<void>
}

export interface WatcherOptions {
  readonly onChange: () => void
  /** Folders inside the project that are none of its source. */
  readonly ignored?: readonly string[]
}

/** Calls `onChange` once things are quiet again after a change in the project's folder. */
export async function watchProject(projectDir: string, options: WatcherOptions): Promise<Watcher> {
  const { onChange, ignored = [] } = options
  let timer: NodeJS.Timeout | undefined
  const watcher = watch(projectDir, {
    ignoreInitial: true,
    ignored: (path) =>
      path !== projectDir && (ignored.includes(path) || isIgnored(projectDir, path)),
  })
  watcher.on('all', () => {
    clearTimeout(timer)
    timer = setTimeout(onChange, QUIET_MS)
  })
  // Such as a limit of the system on watches: what is watched already still is.
  watcher.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    watcher.once('ready', () => {
      resolve()
    })
  })
  return {
    add: (paths) => {
      const outside = paths.filter((path) => !path.startsWith(projectDir + sep))
      if (outside.length > 0) watcher.add([...outside])
    },
    close: async () => {
      clearTimeout(timer)
      await watcher.close()
    },
  }
}

function isIgnored(projectDir: string, path: string): boolean {
  const isInside = path.startsWith(projectDir + sep)
  return isInside
    ? relative(projectDir, path).split(sep).some(isIgnoredFolder)
    : isIgnoredFolder(basename(path))
}
