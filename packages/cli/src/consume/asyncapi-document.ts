import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { CommandError, UsageError } from '../errors.ts'

/** A value of the document: what JSON can hold. */
export type Node =
  string | number | boolean | null | readonly Node[] | { readonly [name: string]: Node | undefined }

// eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style -- it refers to itself
export type NodeObject = { readonly [name: string]: Node | undefined }

/** From the root of the document down to a value. */
export type Pointer = readonly (string | number)[]

/** An AsyncAPI document of version 3, whatever it was written in. */
export interface AsyncApiDocument {
  /** As the person named it. */
  readonly path: string
  readonly title: string
  /** Empty: it has none. */
  readonly version: string
  readonly root: NodeObject
  /** `doc.yaml:12`, or `doc.yaml#/channels/a` when it was converted. */
  readonly locate: (pointer: Pointer) => string
}

/** What a value of the document is, and where it stands once references are followed. */
export interface Found {
  readonly value: NodeObject
  readonly pointer: Pointer
}

/**
 * Reads an AsyncAPI document, YAML or JSON, of version 3; one of version 2 is converted. Throws a
 * CommandError that names the line when it is none, or not a valid one.
 */
export async function readDocument(path: string): Promise<AsyncApiDocument> {
  return toDocument(await readSource(path))
}

/** A file as it was parsed, of which it is not known yet what it describes. */
export interface SourceFile extends Pick<AsyncApiDocument, 'path' | 'root' | 'locate'> {
  readonly text: string
}

/** Throws a CommandError when the file is neither YAML nor JSON. */
export async function readSource(path: string): Promise<SourceFile> {
  const text = await readText(path)
  return { path, text, ...parseText(path, text) }
}

/** What `readDocument` says of a file that was read before. */
export async function toDocument(file: SourceFile): Promise<AsyncApiDocument> {
  const { path, text, root } = file
  const version = root['asyncapi']
  if (typeof version !== 'string')
    throw new CommandError(`${path} is no AsyncAPI document: it has no member "asyncapi"`)
  refuseForeignReferences(file, path)
  if (/^[12]\./.test(version)) return convert(path, text)
  if (!version.startsWith('3.'))
    throw new CommandError(
      `${file.locate(['asyncapi'])}: AsyncAPI ${version} is not known: expected 2.x or 3.x`,
    )
  await validate(path, text)
  return describe(path, file)
}

/** A file that is no AsyncAPI document. Its references must stay inside of it. */
export function toUnchecked(file: SourceFile): AsyncApiDocument {
  const { path, root, locate } = file
  refuseForeignReferences(file, path)
  const { name = basename(path) } = root
  return { path, title: toText(name), version: '', root, locate }
}

type Source = Pick<AsyncApiDocument, 'root' | 'locate'>

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(code)})`
    throw new UsageError(`${path}: ${why}`)
  }
}

/** JSON is YAML too. */
function parseText(path: string, text: string): Source {
  const lines = new LineCounter()
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [mistake] = parsed.errors
  if (mistake)
    throw new CommandError(
      `${path}:${lines.linePos(mistake.pos[0]).line} is neither YAML nor JSON: ${mistake.message}`,
    )
  const root: unknown = parsed.toJS()
  if (!isNodeObject(root)) throw new CommandError(`${path} is no AsyncAPI document: no object`)
  return { root, locate: (pointer) => `${path}:${findLine(parsed, lines, pointer)}` }
}

/** The line of a value, or of the nearest one around it. */
function findLine(parsed: Document, lines: LineCounter, pointer: Pointer): number {
  for (let depth = pointer.length; depth > 0; depth--) {
    const node = parsed.getIn(pointer.slice(0, depth), true)
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null
    const [start] = Array.isArray(range) ? (range as readonly unknown[]) : []
    if (typeof start === 'number') return lines.linePos(start).line
  }
  return 1
}

function refuseForeignReferences({ root, locate }: Source, path: string): void {
  walk(root, [], (value, pointer) => {
    const reference = isNodeObject(value) ? value['$ref'] : undefined
    if (typeof reference !== 'string' || reference.startsWith('#')) return
    throw new CommandError(
      `${locate([...pointer, '$ref'])}: refers to "${reference}", outside of ${path}: put it into ` +
        'one document first, such as with `npx @asyncapi/cli bundle`',
    )
  })
}

function walk(value: Node, pointer: Pointer, see: (value: Node, pointer: Pointer) => void): void {
  see(value, pointer)
  if (typeof value !== 'object' || value === null) return
  for (const [name, each] of Object.entries(value))
    if (each !== undefined) walk(each, [...pointer, name], see)
}

/** The official rules. */
async function validate(path: string, text: string): Promise<void> {
  const { Parser } = await import('@asyncapi/parser')
  const diagnostics = await new Parser().validate(text)
  const mistakes = diagnostics.filter(({ severity }) => SEVERITIES[severity] === 'error')
  if (mistakes.length === 0) return
  const shown = mistakes
    .slice(0, MAX_SHOWN)
    .map(({ range, message }) => `  ${path}:${range.start.line + 1}: ${message}`)
  const rest = mistakes.length > MAX_SHOWN ? [`  … and ${mistakes.length - MAX_SHOWN} more`] : []
  throw new CommandError([`${path} is no valid AsyncAPI document:`, ...shown, ...rest].join('\n'))
}

/** By Spectral's number. */
const SEVERITIES = ['error', 'warning', 'information', 'hint']

const MAX_SHOWN = 10

async function convert(path: string, text: string): Promise<AsyncApiDocument> {
  const { convert: toVersion } = await import('@asyncapi/converter')
  await validate(path, text)
  const converted = toVersion(text, '3.0.0')
  const { root } = parseText(path, converted)
  // Its lines are not those of the file.
  const locate = (pointer: Pointer): string => `${path}#/${pointer.map(escapePointer).join('/')}`
  return describe(path, { root, locate })
}

function describe(path: string, { root, locate }: Source): AsyncApiDocument {
  const info = root['info']
  const { title, version } = isNodeObject(info) ? info : {}
  return { path, title: toText(title), version: toText(version), root, locate }
}

const toText = (value: Node | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

const escapePointer = (part: string | number): string =>
  String(part).replaceAll('~', '~0').replaceAll('/', '~1')

export function isNodeObject(value: unknown): value is NodeObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object at a pointer, references followed. Throws a CommandError when there is none. */
export function follow(document: AsyncApiDocument, pointer: Pointer): Found {
  const seen = new Set<string>()
  for (let at = pointer; ;) {
    const value = valueAt(document.root, at)
    const place = at.join('/')
    if (!isNodeObject(value) || seen.has(place))
      throw new CommandError(
        `${document.locate(pointer)}: refers to #/${place}, where there is no object`,
      )
    const reference = value['$ref']
    if (typeof reference !== 'string') return { value, pointer: at }
    seen.add(place)
    at = parsePointer(reference)
  }
}

/** `#/components/schemas/Page` → its parts. */
export function parsePointer(reference: string): Pointer {
  return reference
    .replace(/^#\/?/, '')
    .split('/')
    .map((part) => decode(part).replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Where a `%` begins no escape, nobody escaped anything. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What stands there, references not followed. */
export function valueAt(root: Node, pointer: Pointer): Node | undefined {
  let value: Node | undefined = root
  for (const part of pointer) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string | number, Node>>)[part]
  }
  return value
}
