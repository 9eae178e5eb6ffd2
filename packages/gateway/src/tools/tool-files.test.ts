import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ToolFiles } from './tool-files.ts'
import { ToolSet } from './tool-set.ts'

let dir: string
let files: ToolFiles | undefined

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'asya-tools-'))
})

afterEach(async () => {
  files?.close()
  await rm(dir, { recursive: true })
})

const yaml = (...names: string[]): string =>
  `tools:\n${names.map((name) => `  - { name: ${name}, route: [a] }\n`).join('')}`

const catalog = (name: string): string =>
  JSON.stringify({
    catalog: 1,
    tools: [{ name, inputSchema: { type: 'object' }, results: 'one', route: ['a'] }],
  })

async function start(): Promise<{ tools: ToolSet; errors: string[]; changes: () => number }> {
  const tools = new ToolSet()
  const errors: string[] = []
  let changes = 0
  files = new ToolFiles(
    {
      catalogPath: join(dir, 'tools.json'),
      configPath: join(dir, 'routes.yaml'),
      defaults: { timeoutMs: 1_000 },
      reservedNames: ['job_wait'],
      onError: (message) => errors.push(message),
    },
    tools,
  )
  await files.start()
  tools.onChange(() => changes++)
  return { tools, errors, changes: () => changes }
}

const namesOf = (tools: ToolSet): string[] => tools.list().map(({ name }) => name)

it('Tools follow their files without a restart, and stay as they were while a file is wrong', async () => {
  await writeFile(join(dir, 'tools.json'), catalog('triage'))
  await writeFile(join(dir, 'routes.yaml'), yaml('answer'))
  const { tools, errors, changes } = await start()
  expect(namesOf(tools)).toEqual(['answer', 'triage'])

  await writeFile(join(dir, 'routes.yaml'), 'tools:\n  - { name: broken }\n')
  await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 5_000 })
  expect(errors[0]).toMatch(
    /^the tools stay as they were: .*routes\.yaml:2: tools\[0\]\.route is missing/,
  )
  expect(namesOf(tools)).toEqual(['answer', 'triage'])
  expect(changes()).toBe(0)

  await writeFile(join(dir, 'routes.yaml'), yaml('answer', 'count'))
  await vi.waitFor(() => expect(namesOf(tools)).toEqual(['answer', 'count', 'triage']), {
    timeout: 5_000,
  })
  await writeFile(join(dir, 'tools.json'), catalog('sort'))
  await vi.waitFor(() => expect(namesOf(tools)).toEqual(['answer', 'count', 'sort']), {
    timeout: 5_000,
  })
})

it.each([
  [yaml('triage'), /the tool triage is in .*tools\.json too: rename one of them/],
  [yaml('job_wait'), /the tool job_wait is one of the gateway itself: rename one of them/],
])('A start fails when a name is taken: %s', async (text, message) => {
  await writeFile(join(dir, 'tools.json'), catalog('triage'))
  await writeFile(join(dir, 'routes.yaml'), text)
  await expect(start()).rejects.toThrow(message)
})

it('A start fails when a file is missing, and says which', async () => {
  await writeFile(join(dir, 'tools.json'), catalog('triage'))
  await expect(start()).rejects.toThrow(/routes\.yaml: cannot be read: ENOENT/)
})
