import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { emitAll } from '@asya/compiler'
import { readOnce } from '../compile/read-once.ts'
import { printProblems } from '../compile/print-built.ts'
import { UsageError } from '../errors.ts'
import type { ResourceFile } from './resource-files.ts'

const FOLDER = 'kubernetes'

/**
 * The resources of a project, as a build would make them now; writes nothing. Throws a UsageError when
 * the project does not build, after its problems were shown.
 */
export async function makeResources(
  projectDir: string,
  environment: string | undefined,
): Promise<readonly ResourceFile[]> {
  const { model, problems } = await readOnce({ projectDir, environment })
  if (problems.some(({ severity }) => severity === 'error')) {
    printProblems(problems, { format: 'text', projectDir })
    throw new UsageError('the project does not build as it is, so nothing can be deployed')
  }
  return emitAll(model)
    .filter(({ path }) => path.startsWith(`${FOLDER}/`))
    .map(({ path, content }) => ({ name: path, text: content }))
}

/** Those of a file, of a folder, or of what comes in (`-`). */
export async function readResourceFiles(path: string): Promise<readonly ResourceFile[]> {
  if (path === '-') return [{ name: 'the input', text: await text(process.stdin) }]
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined)
    throw new UsageError(`there is no file or folder ${path}: asya build makes generated/${FOLDER}`)
  const names = found.isDirectory()
    ? readdirSync(path)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path]
  return names.map((name) => ({ name, text: readFileSync(name, 'utf8') }))
}
