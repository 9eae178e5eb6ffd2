import { UsageError } from '../errors.ts'
import type { DocumentFile } from './document-file.ts'

/**
 * The documents of the working tree as a build would make them now; writes nothing. Throws a
 * UsageError when the project does not build, after its problems were shown.
 */
export async function buildDocuments(projectDir: string): Promise<readonly DocumentFile[]> {
  const { emitAsyncApi, openProject } = await import('@asya/compiler')
  const { model, problems } = openProject({ projectDir }).read()
  if (!problems.some(({ severity }) => severity === 'error'))
    return emitAsyncApi(model).map(({ path, content }) => ({ name: path, text: content }))
  const { printProblems } = await import('../compile/print-built.ts')
  printProblems(problems, { format: 'text', projectDir })
  throw new UsageError('the project does not build as it is, so there is nothing to compare')
}
