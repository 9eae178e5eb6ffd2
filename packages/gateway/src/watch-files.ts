import { watch } from 'node:fs'
import { dirname } from 'node:path'

/** Editors, ConfigMaps and mounted secrets change a file in several steps. */
const SETTLE_MS = 200

/** Calls `onChange` when one of the files may have changed, until the returned function is called. */
export function watchFiles(paths: readonly string[], onChange: () => void): () => void {
  let settling: NodeJS.Timeout | undefined
  // The folders: a mounted file is a link that is replaced, and editors replace the file itself.
  const watchers = [...new Set(paths.map((path) => dirname(path)))].map((folder) =>
    watch(folder, () => {
      clearTimeout(settling)
      settling = setTimeout(onChange, SETTLE_MS)
    }),
  )
  // The folder is gone: what was read of it stays.
  for (const watcher of watchers) watcher.on('error', () => undefined)
  return () => {
    clearTimeout(settling)
    for (const watcher of watchers) watcher.close()
  }
}
