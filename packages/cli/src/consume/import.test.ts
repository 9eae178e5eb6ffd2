import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createProject, type TemporaryProject } from '../testing/temporary-project.ts'
import { readDocument } from './asyncapi-document.ts'
import { findRemoteActors } from './find-remote-actors.ts'
import { CLASSIFY, CLASSIFY_TYPES, FOREIGN, SCORER_2 } from './testing/documents.ts'
import { writeRemoteActors } from './write-remote-actors.ts'

vi.setConfig({ testTimeout: 60_000 })

let project: TemporaryProject

beforeAll(() => {
  project = createProject({})
})

afterAll(() => {
  project.remove()
})

async function importDocument(name: string, text: string) {
  const document = await readDocument(project.write(name, text))
  const { actors, problems } = findRemoteActors(document)
  const origin = { source: `docs/${name}`, command: 'asya import' }
  return { code: writeRemoteActors(document, actors, origin), actors, problems }
}

/** Why reading a document was refused, with paths seen from the project. */
async function refusalOf(name: string, text: string): Promise<string> {
  const refusal = await readDocument(project.write(name, text)).then(
    () => 'nothing',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  return refusal.replaceAll(`${project.dir}/`, '')
}

/** What the compiler says of each of these modules, which stand beside the imported ones. */
function compile(sources: Readonly<Record<string, string>>): Readonly<Record<string, string[]>> {
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    customConditions: ['source'],
    types: ['node'],
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  }
  const paths = Object.entries(sources).map(([name, source]) => project.write(`${name}.ts`, source))
  const program = ts.createProgram(paths, options)
  return Object.fromEntries(
    Object.keys(sources).map((name, index) => [
      name,
      ts
        .getPreEmitDiagnostics(program, program.getSourceFile(paths[index] ?? ''))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    ]),
  )
}

const SAME = `type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false\n`

describe('an actor of a document of ours', () => {
  test('is declared with the names of the document, the same each time.', async () => {
    const { code, problems } = await importDocument('classify.yaml', CLASSIFY)
    expect(problems).toEqual([])
    expect(code).toBe(`// Made by \`asya import\` from docs/classify.yaml: classify, version 1.2.0.
// Do not edit it: make it again.

import { remoteActor } from '@asya/sdk'

export interface DocTree {
  /** @minLength 1 */
  text: string
  children?: DocTree[]
  meta?: {
    [name: string]: string | null
  }
}

export interface Ham {
  kind: 'ham'
  topic: 'work' | 'home'
}

export interface Spam {
  kind: 'spam'
  /** @minimum 0 */
  score: number
}

export type Verdict = Spam | Ham

/** Says what a text is. */
export const classify = remoteActor<DocTree, Verdict[]>({ name: 'classify', queue: 'team-b.classify' })
`)
    const json = JSON.stringify((await readDocument(join(project.dir, 'classify.yaml'))).root)
    expect((await importDocument('classify.json', json)).code.split('\n').slice(1)).toEqual(
      code.split('\n').slice(1),
    )
  })

  test('has its author’s types, and is a step of a pipeline exactly where it fits.', async () => {
    project.write('classify.ts', (await importDocument('classify.yaml', CLASSIFY)).code)
    project.write('author.ts', CLASSIFY_TYPES)
    const types = `${SAME}import type * as ours from './classify.ts'
import type * as author from './author.ts'
export const tree: Same<ours.DocTree, author.DocTree> = true\n`
    const steps = `import { defineActor, definePipeline } from '@asya/sdk'
import { classify, type Verdict } from './classify.ts'
const read = defineActor((path: string) => ({ text: path }))
const count = defineActor((path: string) => ({ text: path.length }))
const file = defineActor((verdict: Verdict) => verdict.kind)\n`
    const told = compile({
      same: `${types}export const verdict: Same<ours.Verdict, author.Verdict> = true`,
      other: `${types}export const verdict: Same<ours.Verdict, author.DocTree> = true`,
      fits: `${steps}export const good = definePipeline([read, classify, file])`,
      before: `${steps}export const bad = definePipeline([count, classify, file])`,
      after: `${steps}export const bad = definePipeline([read, classify, read])`,
    })
    expect(told).toEqual({
      same: [],
      other: ["Type 'true' is not assignable to type 'false'."],
      fits: [],
      before: [expect.stringContaining('step 1 → step 2: .text is a number, not a string')],
      after: [expect.stringContaining('step 2 → step 3: the payload is an object, not a string')],
    })
  })
})

describe('a document of another team', () => {
  test('of the examples is imported there as it stands.', async () => {
    const example = new URL('../../../../examples/two-teams/', import.meta.url)
    const document = await readDocument(fileURLToPath(new URL('team-b/classify.yaml', example)))
    const { actors } = findRemoteActors(document)
    const origin = { source: '../team-b/classify.yaml', command: 'asya import' }
    expect(writeRemoteActors(document, actors, origin)).toBe(
      readFileSync(new URL('remote/classify.ts', example), 'utf8'),
    )
  })

  test('of version 2 is converted.', async () => {
    const { code, problems } = await importDocument('scorer.yaml', SCORER_2)
    expect(problems).toEqual([])
    expect(code).toContain(
      "/** Scores a text. */\nexport const scorer = remoteActor<Text, number>({ name: 'scorer' })",
    )
  })

  test('without our envelope is refused, with the place and the reason.', async () => {
    const { actors, problems } = await importDocument('orders.yaml', FOREIGN)
    expect(actors).toEqual([])
    expect(problems.join('\n').replaceAll(`${project.dir}/`, '')).toBe(
      "orders.yaml:6: the message Order is not in Asya's envelope, { route: { steps, current }, " +
        'payload }: the program that reads it is no actor, so no pipeline can route to it. Put an ' +
        'actor before it that translates',
    )
  })

  test('whose queue is unknown, or cannot stand in a route, is refused.', async () => {
    const unknown = CLASSIFY.replace('address: team-b.classify', 'address: null')
    expect((await importDocument('a.yaml', unknown)).problems.join()).toContain(
      'a.yaml:8: the channel classify has no address: it is not known where to send',
    )
    const odd = CLASSIFY.replace('address: team-b.classify', 'address: team b/classify')
    expect((await importDocument('b.yaml', odd)).problems.join()).toContain(
      'b.yaml:8: the channel classify has the address "team b/classify", which no queue',
    )
  })

  test.each<[string, string, string]>([
    ['text.yaml', 'text.yaml:1 is neither YAML nor JSON', 'a: ['],
    ['list.yaml', 'list.yaml is no AsyncAPI document: no object', '- a'],
    [
      'open.yaml',
      'open.yaml is no AsyncAPI document: it has no member "asyncapi"',
      'openapi: 3.1.0',
    ],
    ['new.yaml', 'new.yaml:1: AsyncAPI 4.0.0 is not known: expected 2.x or 3.x', 'asyncapi: 4.0.0'],
    [
      'bad.yaml',
      'bad.yaml is no valid AsyncAPI document:\n  bad.yaml:15: "action" property must be equal',
      CLASSIFY.replace('action: receive', 'action: recieve'),
    ],
    [
      'far.yaml',
      'far.yaml:40: refers to "./doc-tree.yaml", outside of far.yaml: put it into one document first',
      CLASSIFY.replace(
        "'#/components/schemas/DocTree' }\n    Class",
        "'./doc-tree.yaml' }\n    Class",
      ),
    ],
  ])('%s is refused: %s', async (name, reason, text) => {
    expect(await refusalOf(name, text)).toContain(reason)
  })
})
