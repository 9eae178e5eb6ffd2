import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface ProjectSize {
  readonly actors: number
  readonly pipelines: number
}

export interface GeneratedProject {
  /** Declares the types of one pipeline; seen from the project. */
  readonly typeFile: string
  /** Its text with one type changed, otherwise in each round. */
  readonly changeType: (text: string, round: number) => string
}

/**
 * Writes a project such as a large team has: half of the actors annotate what they take and give, a
 * quarter lets it be inferred, a quarter infers it from zod schemas. The folder must be one from which
 * `@asya/sdk` and `zod` are found.
 */
export function generateProject(dir: string, { actors, pipelines }: ProjectSize): GeneratedProject {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  write('package.json', JSON.stringify({ name: 'generated', version: '1.0.0', type: 'module' }))
  write('tsconfig.json', JSON.stringify(TSCONFIG, undefined, 2))
  const steps = Math.ceil(actors / pipelines)
  for (let index = 0; index < pipelines; index++) {
    const id = String(index).padStart(3, '0')
    write(`types/group-${id}.ts`, writeTypes(id))
    for (let step = 0; step < steps; step++) {
      if (index * steps + step >= actors) break
      write(`actors/group-${id}/step-${step}.ts`, writeActor(id, step))
    }
    const known = Math.min(steps, actors - index * steps)
    write(`pipelines/group-${id}.ts`, writePipeline(id, known))
  }
  const typeFile = 'types/group-000.ts'
  return {
    typeFile,
    changeType: (text, round) =>
      text.replace(
        /(interface Request000 \{)(?:\n {2}round\d+\?: string)?/,
        `$1\n  round${round}?: string`,
      ),
  }
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  },
  include: ['actors', 'pipelines', 'types'],
}

function writeTypes(id: string): string {
  return `import * as z from 'zod'

/** What comes in. */
export interface Request${id} {
  /** @format uri */
  url: string
  tenant: string
  /** @minimum 0 */
  priority?: number
  tags: string[]
  options: Options${id}
}

export interface Options${id} {
  language: 'en' | 'de' | 'fr'
  isTrusted: boolean
  limits: { bytes: number; pages: number | null }
  labels: Record<string, string>
}

export interface Document${id} {
  id: string
  request: Pick<Request${id}, 'url' | 'tenant'>
  blocks: Block${id}[]
  meta?: Partial<Options${id}>
}

export type Block${id} =
  | { kind: 'text'; text: string; level: number }
  | { kind: 'image'; url: string; size: [number, number] }
  | { kind: 'list'; items: Block${id}[] }

export const verdict${id} = z.object({
  id: z.string(),
  score: z.number().min(0).max(1),
  words: z.number().int(),
  flags: z.array(z.enum(['short', 'long', 'odd'])),
  origin: z.object({ kind: z.string(), place: z.number().nullable() }),
})

export const report${id} = z.object({
  id: z.string(),
  verdicts: z.array(verdict${id}),
  summary: z.string().optional(),
  byFlag: z.record(z.string(), z.number()),
})
`
}

/** In turn: annotated, annotated, inferred, of zod. */
function writeActor(id: string, step: number): string {
  switch (step % 4) {
    case 0:
      return `import { defineActor } from '@asya/sdk'
import type { Document${id}, Request${id} } from '../../types/group-${id}.ts'

/** Reads what was asked for. */
export const read${id}s${step} = defineActor(
  async (request: Request${id}, ctx): Promise<Document${id}> => {
    ctx.progress(50, request.url)
    return { id: ctx.id, request, blocks: [], meta: request.options }
  },
  { timeout: '2m', retry: { maxAttempts: 5 }, scaling: { min: 0, max: 20 } },
)
`
    case 1:
      return `import { defineActor } from '@asya/sdk'
import type { Block${id}, Document${id} } from '../../types/group-${id}.ts'

/** Takes a document apart. */
export const split${id}s${step} = defineActor((document: Document${id}): Block${id}[] => document.blocks)
`
    case 2:
      return `import { defineActor } from '@asya/sdk'
import type { Block${id} } from '../../types/group-${id}.ts'

/** Weighs a block. */
export const weigh${id}s${step} = defineActor(async (block: Block${id}, ctx) => {
  const words = block.kind === 'text' ? block.text.split(' ').length : 0
  const flags = [words < 3 ? ('short' as const) : ('long' as const)]
  return { id: ctx.id, score: 1 / (words + 1), words, flags, origin: { kind: block.kind, place: null } }
})
`
    default:
      return `import { defineActor } from '@asya/sdk'
import type * as z from 'zod'
import { report${id}, verdict${id} } from '../../types/group-${id}.ts'

/** Reports a verdict. */
export const report${id}s${step} = defineActor((verdict: z.infer<typeof verdict${id}>) =>
  report${id}.parse({ id: verdict.id, verdicts: [verdict], byFlag: {} }),
)
`
  }
}

/** Those of the first four steps fit one another; a longer one begins again in a pipeline of its own. */
function writePipeline(id: string, steps: number): string {
  const names = ['read', 'split', 'weigh', 'report'].slice(0, steps)
  const imports = names.map(
    (name, step) =>
      `import { ${name}${id}s${step} } from '../actors/group-${id}/step-${step}.ts'\n`,
  )
  const route = names.map((name, step) => `${name}${id}s${step}`).join(', ')
  return `import { definePipeline } from '@asya/sdk'
${imports.join('')}
/** All that is done to a request. */
export const pipeline${id} = definePipeline([${route}], { timeout: '1h' })
`
}
