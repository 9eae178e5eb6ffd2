import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  emitGuards,
  emitTools,
  renderProblem,
  type Problem,
  type ProjectReader,
} from '@asya/compiler'
import type { ModelRead } from './model-reader.ts'

/** Reads a project with a reader of it; the problems are rendered, for a person. */
export function readProject(reader: ProjectReader, projectDir: string): ModelRead {
  const { model, problems, inputs } = reader.read()
  const render = (problem: Problem): string =>
    renderProblem(problem, (file) => readSource(join(projectDir, file)))
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return { ok: false, report: errors.map(render).join('\n\n'), inputs }
  const own = model.actors.filter(({ kind }) => kind !== 'remote')
  const [catalog] = emitTools(model)
  return {
    ok: true,
    warnings: problems.map(render),
    guards: emitGuards(model),
    settings: Object.fromEntries(own.map(({ name, settings }) => [name, settings])),
    tools: catalog?.content ?? '',
    inputs,
  }
}

function readSource(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
