import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findPython } from './find-python.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'asya-python-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true })
})

/** A program that answers as an interpreter of this version would. */
function writeInterpreter(path: string, version: string): string {
  const file = join(directory, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, `#!/bin/sh\necho ${version}\n`)
  chmodSync(file, 0o755)
  return file
}

test('the virtual environment of the project goes before the interpreter on the PATH', () => {
  const command = writeInterpreter('.venv/bin/python', '3.12.1')
  expect(findPython({ directory })).toEqual({ ok: true, python: { command, version: '3.12.1' } })
})

test('ASYA_PYTHON goes before all, and nothing is used in its place', () => {
  writeInterpreter('.venv/bin/python', '3.12.1')
  const command = writeInterpreter('mine', '3.9.0')
  expect(findPython({ directory, wanted: command })).toMatchObject({ python: { command } })
  expect(findPython({ directory, wanted: 'nowhere/python' })).toEqual({
    ok: false,
    reason:
      'ASYA_PYTHON is nowhere/python, which does not run: install Python 3.8 or later, or name one in ASYA_PYTHON',
  })
})

test('an interpreter that is too old is not used, and named when there is no other', () => {
  const command = writeInterpreter('mine', '3.7.16')
  expect(findPython({ directory, wanted: command })).toMatchObject({
    ok: false,
    reason: expect.stringContaining(`${command}, which is Python 3.7.16: install Python 3.8`),
  })
})
