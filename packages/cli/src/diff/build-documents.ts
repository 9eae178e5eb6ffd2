import { UsageError } from '../errors.ts'
import { readRootDir } from '../config.ts'
import { createPaint } from '../view/paint.ts'
import { DOCUMENTS_FOLDER, type DocumentFile } from './document-file.ts'

/**
 * The documents of the working tree as a build would make them now; writes nothing. Throws a
 * UsageError when the project does not build, after its problems were shown.
 */
export async function buildDocuments(projectDir: string): Promise<readonly DocumentFile[]> {
  const { ProjectBuilder } = await import('../compile/project-builder.ts')
  const made = new ProjectBuilder({ projectDir }).make()
  if (made.ok)
    return made.files
      .filter(({ path }) => path.startsWith(`${DOCUMENTS_FOLDER}/`))
      .map(({ path, content }) => ({ name: path, text: content }))
  const { formatProblems } = await import('../compile/format-problems.ts')
  const paint = createPaint(process.stderr)
  const layout = { format: 'text', projectDir, rootDir: readRootDir(), paint } as const
  process.stderr.write(formatProblems(made.problems, layout))
  throw new UsageError('the project does not build as it is, so there is nothing to compare')
}
