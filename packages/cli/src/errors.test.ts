import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommandError, explainError } from './errors.ts'
import { createProject, type TemporaryProject } from './testing/temporary-project.ts'

let project: TemporaryProject

beforeEach(() => {
  project = createProject({ file: 'text' })
})

afterEach(() => {
  project.remove()
})

/** What is said of the error that this throws. */
function explain(act: () => void): string {
  try {
    act()
  } catch (error) {
    return explainError(error).replaceAll(project.dir, '')
  }
  return 'nothing was thrown'
}

test('A file that is in the way is named with the way out, and no stack.', () => {
  expect(explain(() => mkdirSync(join(project.dir, 'file/folder'), { recursive: true }))).toBe(
    '/file/folder cannot be used; a file is where a folder should be: move it away, or name another place (ENOTDIR)',
  )
})

test('A folder that is in the way is named with the way out, and no stack.', () => {
  expect(explain(() => writeFileSync(project.dir, ''))).toBe(
    ' cannot be used; a folder is where a file should be: move it away, or name another place (EISDIR)',
  )
})

test('What was meant for the person at the terminal is said as it is; all else is a mistake of ours.', () => {
  expect(explainError(new CommandError('no such job'))).toBe('no such job')
  expect(explainError(new TypeError('x is undefined'))).toMatch(
    /^this is a mistake of asya itself\nTypeError: x is undefined\n +at /,
  )
})
