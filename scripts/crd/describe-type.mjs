import { resolve } from 'node:path'
import { Project, ts } from 'ts-morph'
import { CheckerTypeReader } from '../../packages/compiler/src/read/types/checker-type-reader.ts'
import {
  combineSchemas,
  SchemaBuilder,
} from '../../packages/compiler/src/read/types/schema-builder.ts'

/** @typedef {import('../../packages/compiler/src/model/model.ts').JsonSchema} JsonSchema */

/**
 * The schemas of the resource's parts, made of its type in the same way as the payloads of actors are.
 *
 * @param {string} file
 * @returns {{ spec: JsonSchema, status: JsonSchema, description: string, schemas: Readonly<Record<string, JsonSchema>> }}
 */
export function describeType(file) {
  const project = new Project({
    compilerOptions: {
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: ['node'],
    },
  })
  project.addSourceFileAtPath(file)
  const program = project.getProgram().compilerObject
  const checker = program.getTypeChecker()
  const reader = new CheckerTypeReader(program, process.cwd())
  const builder = new SchemaBuilder(reader)
  const statements = program.getSourceFile(resolve(file))?.statements ?? []

  /** @param {string} name @returns {JsonSchema} */
  const describe = (name) => {
    const declaration = statements.find(
      (each) => ts.isInterfaceDeclaration(each) && each.name.text === name,
    )
    if (declaration === undefined) throw new Error(`there is no interface ${name} in ${file}`)
    const type = checker.getTypeAtLocation(declaration)
    const made = builder.describe(type, declaration, { suggestedName: name })
    if (made.problems.length > 0)
      throw new Error(made.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'))
    if (!made.ok) throw new Error(`${name} has no schema`)
    return made.payload.schema
  }
  const spec = describe('AsyncActorSpec')
  const status = describe('AsyncActorStatus')
  const resource = statements.find(
    (each) => ts.isInterfaceDeclaration(each) && each.name.text === 'AsyncActor',
  )
  const type = resource && checker.getTypeAtLocation(resource)
  const description = (type && reader.nameOf(type)?.doc.text) ?? ''
  return { spec, status, description, schemas: combineSchemas(builder.named).schemas }
}
