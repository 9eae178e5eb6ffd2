import { UsageError } from '../errors.ts'
import { createPaint } from '../view/paint.ts'
import { ProgressLine } from '../view/progress-line.ts'
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
  const progress = new ProgressLine(process.stderr, createPaint(process.stderr))
  progress.show('reading the project …')
  const { emitAsyncApi, openProject } = await import('@asya/compiler')
  const { model, problems } = openProject({ projectDir }).read()
  progress.clear()
  if (!problems.some(({ severity }) => severity === 'error'))
    return emitAsyncApi(model).map(({ path, content }) => ({ name: path, text: content }))
  const { printProblems } = await import('../compile/print-built.ts')
  printProblems(problems, { format: 'text', projectDir })
  throw new UsageError(`the project does not build as it is, so ${soWhat}`)
}
