import { join, resolve } from 'node:path'

/** The folder of a build, seen from the project, where nothing else is said. */
export const DEFAULT_OUT_DIR = 'generated'

/** The folder of a build: in the project, or where the one who types it says. Absolute. */
export function resolveOutDir(projectDir: string, named: string | undefined): string {
  return resolve(named ?? join(projectDir, DEFAULT_OUT_DIR))
}
