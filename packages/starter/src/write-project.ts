import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const TEMPLATE = fileURLToPath(new URL('../template/', import.meta.url))

/** The template's own name, wherever it stands in it. */
const TEMPLATE_NAME = 'asya-project'

/** Names that npm would not publish, or take for something else. */
const RENAMED: Readonly<Record<string, string>> = { _gitignore: '.gitignore' }

export interface WrittenProject {
  /** Seen from the project, in order. */
  readonly written: readonly string[]
  /** Files of these names were there already: they are as they were. */
  readonly kept: readonly string[]
}

/** Writes the template into a folder, under the project's name. */
export async function writeProject(dir: string, name: string): Promise<WrittenProject> {
  const written: string[] = []
  const kept: string[] = []
  for (const path of await listTemplate()) {
    const target = RENAMED[path] ?? path
    const whole = join(dir, target)
    if (existsSync(whole)) {
      kept.push(target)
      continue
    }
    const text = await readFile(join(TEMPLATE, path), 'utf8')
    await mkdir(dirname(whole), { recursive: true })
    await writeFile(whole, text.replaceAll(TEMPLATE_NAME, name))
    written.push(target)
  }
  return { written, kept }
}

async function listTemplate(): Promise<readonly string[]> {
  const entries = await readdir(TEMPLATE, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(TEMPLATE.length).split(sep).join('/'))
    .sort()
}
