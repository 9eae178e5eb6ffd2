import { spawnSync } from 'node:child_process'
import { CommandError, UsageError } from '../errors.ts'
import { explainUnknown } from '../suggest.ts'
import {
  DOCUMENTS_FOLDER,
  isDocumentName,
  looksLikeDocument,
  type DocumentFile,
} from './document-file.ts'

/**
 * The AsyncAPI documents of a build as they were committed.
 *
 * @param folder of the build, seen from the project, with `/`
 */
export function readCommitted(
  ref: string,
  { projectDir, folder }: { readonly projectDir: string; readonly folder: string },
): readonly DocumentFile[] {
  const commit = findCommit(ref, projectDir)
  const below = folder === '' ? DOCUMENTS_FOLDER : `${folder}/${DOCUMENTS_FOLDER}`
  const listing = git(projectDir, ['ls-tree', '-r', '-z', commit, '--', below])
  if (!listing.ok) throw new CommandError(`git cannot list ${below} in ${ref}: ${listing.reason}`)
  const blobs = listing.text.split('\0').flatMap((line) => {
    const [, id, path] = /^\d+ blob (\S+)\t(.*)$/s.exec(line) ?? []
    return id !== undefined && path !== undefined && isDocumentName(path) ? [{ id, path }] : []
  })
  const texts = readBlobs(
    projectDir,
    blobs.map(({ id }) => id),
  )
  return blobs
    .map(({ path }, index) => ({ name: `${ref}:${path}`, text: texts[index] ?? '' }))
    .filter(({ text }) => looksLikeDocument(text))
}

function findCommit(ref: string, projectDir: string): string {
  const inside = git(projectDir, ['rev-parse', '--is-inside-work-tree'])
  if (!inside.ok)
    throw new UsageError(
      `there is no file or folder "${ref}", and no commit either: ${inside.reason}`,
    )
  const found = git(projectDir, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ])
  if (found.ok) return found.text.trim()
  const refs = git(projectDir, ['for-each-ref', '--format=%(refname:short)'])
  const known = refs.ok ? refs.text.split('\n').filter((name) => name !== '') : []
  throw new UsageError(
    `there is no file or folder "${ref}", and ${explainUnknown('commit, branch or tag', ref, known)}`,
  )
}

/** The contents of many files, by one process. */
function readBlobs(projectDir: string, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return []
  const batch = run(projectDir, ['cat-file', '--batch'], `${ids.join('\n')}\n`)
  const texts: string[] = []
  for (let at = 0; texts.length < ids.length;) {
    const end = batch.stdout.indexOf('\n', at)
    const size = Number(batch.stdout.subarray(at, end).toString().split(' ')[2])
    if (end === -1 || !Number.isInteger(size))
      throw new CommandError(
        `git cannot read what was committed: ${batch.stderr.toString().trim()}`,
      )
    texts.push(batch.stdout.subarray(end + 1, end + 1 + size).toString())
    at = end + 1 + size + 1
  }
  return texts
}

type Answer =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

function git(projectDir: string, args: readonly string[]): Answer {
  const { status, stdout, stderr, error } = run(projectDir, args)
  if (status === 0) return { ok: true, text: stdout.toString() }
  const isMissing = error !== undefined && 'code' in error && error.code === 'ENOENT'
  if (isMissing) return { ok: false, reason: 'git is not installed' }
  return {
    ok: false,
    reason: stderr
      .toString()
      .trim()
      .replace(/^fatal: /, ''),
  }
}

function run(projectDir: string, args: readonly string[], input = '') {
  const options = { cwd: projectDir, input, maxBuffer: MAX_BYTES }
  return spawnSync('git', ['--no-pager', ...args], options)
}

const MAX_BYTES = 2 ** 30
