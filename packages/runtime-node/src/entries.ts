/** Files that are started by their path. */
export type Entry = 'main' | 'isolate/thread/thread-main' | 'isolate/process/process-main'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/**
 * Where an entry is. This module stands beside main: built, its code may be in any file of `dist`,
 * but never in a folder below it.
 */
export function entryUrl(entry: Entry): URL {
  return new URL(`./${entry}.${extension}`, import.meta.url)
}

/** How the isolates' files are started, if not as the process itself was. */
export interface Launch {
  readonly entryUrl: (entry: Entry) => URL
  /** Options for Node. */
  readonly execArgv: readonly string[]
}
