import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createProject, SDK, type TemporaryProject } from '../testing/temporary-project.ts'
import { ProjectBuilder, type Made } from './project-builder.ts'
import { watchBuild } from './watch-build.ts'

vi.setConfig({ testTimeout: 60_000 })

const HELLO = `${SDK}
/** Greets a person. */
export const greet = defineActor((name: string): string => name)
export const hello = definePipeline([greet])
`

let project: TemporaryProject
let ending: AbortController
let watching: Promise<void> | undefined
/** All that was said. */
let output: string

beforeEach(() => {
  project = createProject({ 'hello.ts': HELLO })
  ending = new AbortController()
  output = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      output += String(text)
      return true
    })
})

afterEach(async () => {
  ending.abort()
  await watching
  vi.restoreAllMocks()
  project.remove()
})

/** @param onMade called when a build has read the project, with how often one did */
function watch(onMade: (count: number) => void = () => undefined): void {
  const builder = new ProjectBuilder({ projectDir: project.dir })
  let count = 0
  const make = (): Made => {
    const made = builder.make()
    onMade(++count)
    return made
  }
  const outDir = join(project.dir, 'generated')
  const options = { projectDir: project.dir, outDir, format: 'text' as const }
  watching = watchBuild({ make }, { ...options, signal: ending.signal })
}

function built(): string {
  const path = join(project.dir, 'generated/asyncapi/actors/greet.yaml')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

async function until(isTrue: () => boolean): Promise<void> {
  await vi.waitUntil(isTrue, { timeout: 30_000, interval: 20 })
}

describe('asya build --watch', () => {
  test('sees a change that is made while it builds for the first time.', async () => {
    watch((count) => {
      if (count === 1) project.write('hello.ts', HELLO.replace('a person', 'somebody'))
    })
    await until(() => built().includes('Greets somebody'))
  })

  test('builds once more for all the changes that are made while it builds.', async () => {
    let builds = 0
    watch((count) => {
      builds = count
      if (count === 2) project.write('hello.ts', HELLO.replace('a person', 'somebody'))
    })
    await until(() => output.includes('watching'))
    project.write('hello.ts', HELLO.replace('a person', 'people'))
    await until(() => built().includes('Greets somebody'))
    expect(builds).toBe(3)
  })

  test('says what keeps it from writing, and goes on.', async () => {
    project.write('generated', 'a file is in the way')
    watch()
    await until(() => /✗ not built: .*generated.* a file is where a folder should be/.test(output))
    rmSync(join(project.dir, 'generated'))
    project.write('hello.ts', HELLO.replace('a person', 'somebody'))
    await until(() => built().includes('Greets somebody'))
    expect(output).toMatch(/✓ built in/)
  })
})
