import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Project, ts } from 'ts-morph'
import { describe, expect, test } from 'vitest'
import { CheckerTypeReader } from './checker-type-reader.ts'
import { SchemaBuilder } from './schema-builder.ts'

/**
 * The type gallery: every exported type below `gallery/` is a case, and the JSON file beside it says
 * what becomes of it. `npx vitest run packages/compiler/src/read/types -u` writes the JSON files anew.
 */

const projectDir = join(import.meta.dirname, '../../..')
const galleryDir = join(projectDir, 'gallery')
const project = new Project({ tsConfigFilePath: join(galleryDir, 'tsconfig.json') })
const program = project.getProgram().compilerObject
const checker = program.getTypeChecker()
const types = new CheckerTypeReader(program, projectDir)

interface Case {
  readonly name: string
  readonly law: string
  readonly declaration: ts.TypeAliasDeclaration | ts.InterfaceDeclaration
}

function listCases(file: ts.SourceFile): readonly Case[] {
  return file.statements
    .filter((each) => ts.isTypeAliasDeclaration(each) || ts.isInterfaceDeclaration(each))
    .filter((each) => each.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .map((declaration) => {
      const above = file.text.slice(declaration.getFullStart(), declaration.getStart())
      const lines =
        above
          .split('\n\n')
          .at(-1)
          ?.match(/^\/\/.*$/gm) ?? []
      const law = lines.map((line) => line.slice(3)).join(' ')
      return { name: declaration.name.text, law, declaration }
    })
}

function describeCase({ law, name, declaration }: Case): object {
  const builder = new SchemaBuilder(types)
  const type = checker.getTypeAtLocation(declaration)
  const result = builder.describe(type, declaration.name, { suggestedName: name })
  if (result.ok) {
    const { schemas } = builder
    return { law, schema: result.payload.schema, schemas }
  }
  return {
    law,
    refused: result.problems.map(({ message, fix, path, position }) => ({
      message,
      fix,
      path,
      at: `${position?.line}:${position?.column}`,
    })),
  }
}

/** On one line what fits on one. */
function formatJson(value: unknown, indent: string): string {
  const line = JSON.stringify(value, undefined, 1).replace(/\n\s*/g, ' ')
  if (typeof value !== 'object' || value === null || line.length + indent.length < 90) return line
  const deeper = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((each) => formatJson(each, deeper))
    : Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${formatJson(v, deeper)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${open}\n${deeper}${parts.join(`,\n${deeper}`)}\n${indent}${close}`
}

const groups = readdirSync(galleryDir)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({
    group: file.replace(/\.ts$/, ''),
    cases: listCases(program.getSourceFile(join(galleryDir, file))!),
  }))

describe.each(groups)('$group', ({ group, cases }) => {
  test('Every case becomes what the golden file says.', async () => {
    const golden = Object.fromEntries(cases.map((each) => [each.name, describeCase(each)]))
    const text = `${formatJson(golden, '')}\n`
    await expect(text).toMatchFileSnapshot(join(galleryDir, `${group}.json`))
  })
})
