import { nameFromExport } from '@asya/protocol'
import type { AsyncApiDocument, Node } from './asyncapi-document.ts'
import type { FoundActor } from './find-remote-actors.ts'
import { toExportName } from './names.ts'
import { quote, TypeWriter, writeDocComment } from './type-writer.ts'

/** Where a written file came from. */
export interface Origin {
  /** The document, seen from where the file is. */
  readonly source: string
  /** What wrote it: `asya import`. */
  readonly command: string
}

/** A TypeScript module with a declaration for each actor. The same document gives the same text. */
export function writeRemoteActors(
  document: AsyncApiDocument,
  actors: readonly FoundActor[],
  origin: Origin,
): string {
  const exported = actors.map(({ name }) => toExportName(name))
  const writer = new TypeWriter(document.root, ['remoteActor', 'pythonActor', ...exported])
  const declarations = actors.map((actor) => declareActor(actor, writer))
  const makers = [
    ...(actors.some(({ python }) => python !== undefined) ? ['pythonActor'] : []),
    ...(actors.some(({ python }) => python === undefined) ? ['remoteActor'] : []),
  ]
  const imports = [...makers, ...(writer.usesJson ? ['type Json'] : [])].join(', ')
  return [
    writeHeader(document, origin),
    `import { ${imports} } from '@asya/sdk'\n`,
    ...writer.declarations.map((text) => `${text}\n`),
    ...declarations,
  ].join('\n')
}

export function writeHeader(document: AsyncApiDocument, { source, command }: Origin): string {
  const { title, version } = document
  const line = (text: string): string => `// ${text.replace(/\s+/g, ' ')}\n`
  return (
    line(`Made by \`${command}\` from ${source}: ${title}${version && `, version ${version}`}.`) +
    line('Do not edit it: make it again.')
  )
}

function declareActor(actor: FoundActor, writer: TypeWriter): string {
  const { name, queue, python, description, inputs, outputs, cardinality } = actor
  const input = writeUnion(inputs, writer)
  const output = outputs.length === 0 ? 'void' : writeUnion(outputs, writer)
  const isWide = output.includes(' | ') || output.includes(' & ')
  const results = {
    one: output,
    optional: `${output} | null`,
    many: isWide ? `(${output})[]` : `${output}[]`,
  }
  const types = `<${input}, ${results[cardinality]}>`
  const own = toExportName(name)
  const comment = description === undefined ? [] : description.trim().split('\n')
  if (python !== undefined) {
    const named = nameFromExport(own) === name ? '' : `, { name: ${quote(name)} }`
    const call = `pythonActor${types}(${quote(python)}${named})`
    return `${writeDocComment(comment, '')}export const ${own} = ${call}\n`
  }
  const options = queue === name ? '' : `, queue: ${quote(queue)}`
  const call = `remoteActor${types}({ name: ${quote(name)}${options} })`
  return `${writeDocComment(comment, '')}export const ${own} = ${call}\n`
}

function writeUnion(schemas: readonly Node[], writer: TypeWriter): string {
  return [...new Set(schemas.map((schema) => writer.write(schema)))].join(' | ')
}
