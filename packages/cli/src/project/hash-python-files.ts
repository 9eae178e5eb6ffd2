import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isIgnoredFolder } from '@asya/compiler/source-files'

/**
 * One hash of all Python files of a project: which of them a handler imports is known only to Python.
 * Virtual environments and caches are none of its files.
 */
export function hashPythonFiles(projectDir: string): string {
  const hash = createHash('sha256')
  for (const path of listPythonFiles(projectDir))
    hash.update(`${path}\n`).update(readFileSync(path)).update('\n')
  return hash.digest('base64url')
}

function listPythonFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  const paths = entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return isIgnoredFolder(entry.name) ? [] : listPythonFiles(path)
    return entry.name.endsWith('.py') ? [path] : []
  })
  return paths.sort()
}
