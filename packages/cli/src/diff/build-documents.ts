import { readOnce } from '../compile/read-once.ts'
import { UsageError } from '../errors.ts'
import type { DocumentFile } from './document-file.ts'

/**
 * The documents of the working tree as a build would make them now, by their paths in its folder;
 * writes nothing. Throws a UsageError when the project does not build, after its problems were shown.
 *
 * @param soWhat what cannot be done then: `there is nothing to compare`
 */
export async function buildDocuments(
  projectDir: string,
  soWhat: string,
): Promise<readonly DocumentFile[]> {
  const { model, problems } = await readOnce({ projectDir })
  const { emitAsyncApi } = await import('@asya/compiler')
  if (!problems.some(({ severity }) => severity === 'error'))
    return emitAsyncApi(model).map(({ path, content }) => ({ name: path, text: content }))
  const { printProblems } = await import('../compile/print-built.ts')
  printProblems(problems, { format: 'text', projectDir })
  throw new UsageError(`the project does not build as it is, so ${soWhat}`)
}
