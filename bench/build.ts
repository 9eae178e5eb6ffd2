import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateProject, type GeneratedProject } from './generate-project.ts'
import { median, type BenchOptions, type Row } from './measure.ts'
import { pathOf, start } from './processes.ts'

/**
 * The build of a large project, as whole processes: against `tsc --noEmit` of the same project, or
 * against the build of which something is a part.
 */
export async function* benchBuild(options: BenchOptions): AsyncGenerator<Row> {
  const isWanted = (row: string): boolean => options.isWanted(row)
  const pairs = options.isQuick ? 1 : PAIRS
  const project = makeProject()
  const { dir } = project
  const outDir = join(dir, 'generated')
  const build = (...args: readonly string[]): void => {
    rmSync(outDir, { recursive: true, force: true })
    asya(['build', dir, ...args])
  }
  const documents = (): void => {
    build('--no-bundle')
  }
  const validate = (): void => {
    runNode([pathOf('bench/programs/validate-documents.ts'), outDir])
  }
  const rows: readonly Comparison[] = [
    { row: 'build/full', measured: documents, baseline: () => runTsc(dir) },
    { row: 'build/bundle', measured: build, baseline: documents },
    { row: 'build/validate', measured: validate, baseline: documents },
  ]
  try {
    for (const row of rows) if (isWanted(row.row)) yield compare(row, pairs)
    if (isWanted('build/watch')) yield await benchWatch(project, documents, pairs)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  const example = pathOf('examples/document-triage')
  const check = (): void => {
    asya(['check', example])
  }
  if (isWanted('check/example'))
    yield compare({ row: 'check/example', measured: check, baseline: () => runTsc(example) }, pairs)
}

const ACTORS = 200
const PIPELINES = 50
const PAIRS = 3

/** Inside the repository, from where it finds the SDK. */
function makeProject(): GeneratedProject & { readonly dir: string } {
  const parent = pathOf('build/bench-projects')
  mkdirSync(parent, { recursive: true })
  const dir = mkdtempSync(join(parent, 'p-'))
  return { dir, ...generateProject(dir, { actors: ACTORS, pipelines: PIPELINES }) }
}

/** From the change of one type to the line that says that all is written again. */
async function benchWatch(
  project: GeneratedProject & { readonly dir: string },
  build: () => void,
  pairs: number,
): Promise<Row> {
  const { dir, typeFile } = project
  build()
  const args = [pathOf('packages/cli/bin/asya.js'), 'build', dir, '--watch']
  const watching = await start({ args, readyText: 'built in' })
  const file = join(dir, typeFile)
  const values: number[] = []
  try {
    const text = readFileSync(file, 'utf8')
    for (let round = 0; round <= pairs; round++) {
      // The watcher itself starts after the first build.
      await sleep(1_000)
      const startedAt = performance.now()
      const built = whenSaid(watching, 'built in')
      writeFileSync(file, project.changeType(text, round))
      await built
      // The first one warms up.
      if (round > 0) values.push(performance.now() - startedAt)
    }
  } finally {
    await watching.stop()
  }
  const baseline = median(Array.from({ length: pairs }, () => measure(build)))
  const value = median(values)
  return { row: 'build/watch', unit: 'ms', value, baseline, ratio: value / baseline }
}

function whenSaid({ child }: Awaited<ReturnType<typeof start>>, text: string): Promise<void> {
  return new Promise((resolve) => {
    const onData = (chunk: Buffer): void => {
      if (!chunk.toString().includes(text)) return
      child.stdout?.off('data', onData)
      resolve()
    }
    child.stdout?.on('data', onData)
  })
}

interface Comparison {
  readonly row: string
  readonly measured: () => void
  readonly baseline: () => void
}

/** Milliseconds of both, in turn; where there are several pairs, one more warms up. */
function compare({ row, measured, baseline }: Comparison, pairs: number): Row {
  const taken = Array.from({ length: pairs === 1 ? 1 : pairs + 1 }, () => ({
    // The baseline first: what is measured may need what it makes.
    baseline: measure(baseline),
    value: measure(measured),
  })).slice(-pairs)
  return {
    row,
    unit: 'ms',
    value: median(taken.map((pair) => pair.value)),
    baseline: median(taken.map((pair) => pair.baseline)),
    ratio: median(taken.map((pair) => pair.value / pair.baseline)),
  }
}

function measure(work: () => void): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

function asya(args: readonly string[]): void {
  runNode([pathOf('packages/cli/bin/asya.js'), ...args])
}

function runTsc(dir: string): void {
  runNode([pathOf('node_modules/typescript/bin/tsc'), '--noEmit', '-p', dir])
}

function runNode(args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0)
    throw new Error(`${args.join(' ')} ended with ${String(status)}\n${stdout}${stderr}`)
}
