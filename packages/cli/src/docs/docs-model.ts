import { parse } from 'yaml'
import { isRecord, readList, readRecord, readText, type DataRecord } from './data-record.ts'

/** What the page shows of a project, from its AsyncAPI documents alone. */
export interface DocsModel {
  readonly project: string
  readonly version: string
  readonly pipelines: readonly PipelineDocs[]
  readonly actors: readonly ActorDocs[]
  /** By name: every type that a payload mentions. */
  readonly types: ReadonlyMap<string, DataRecord>
}

interface SubjectDocs {
  readonly name: string
  readonly description: string | undefined
  readonly deprecated: string | undefined
  /** Where the document lies, seen from the page. */
  readonly link: string
  readonly isWritten: boolean
  readonly document: DataRecord
}

export interface ActorDocs extends SubjectDocs {
  readonly kind: string
  readonly queue: string
  readonly cardinality: string
  /** Schema of what one message carries. */
  readonly input: DataRecord | undefined
  readonly output: DataRecord | undefined
}

export interface PipelineDocs extends SubjectDocs {
  readonly steps: readonly StepDocs[]
  readonly results: string
  readonly timeoutMs: number | undefined
  readonly input: DataRecord | undefined
  readonly result: DataRecord | undefined
}

export interface StepDocs {
  readonly name: string
  readonly cardinality: string
}

export interface LinkedDocument {
  readonly link: string
  /** Whether this text lies there: else the page does not lead to it. */
  readonly isWritten: boolean
  /** YAML or JSON. */
  readonly text: string
}

/** Reads what `asya build` writes; documents of others have no actors and pipelines, and are left out. */
export function readDocsModel(files: readonly LinkedDocument[]): DocsModel {
  const pipelines: PipelineDocs[] = []
  const actors: ActorDocs[] = []
  const types = new Map<string, DataRecord>()
  let [project, version] = ['', '']
  for (const { link, isWritten, text } of files) {
    const document: unknown = parse(text)
    if (!isRecord(document)) continue
    const info = readRecord(document, 'info')
    if (!isRecord(info['x-actor']) && !isRecord(info['x-pipeline'])) continue
    project = decodeURIComponent(readText(document, 'id')?.split(':')[2] ?? '') || project
    version = readText(info, 'version') ?? version
    const base = {
      name: readText(info, 'title') ?? '',
      description: readText(info, 'description'),
      deprecated: readText(info, 'x-deprecated'),
      link,
      isWritten,
      document,
    }
    if (isRecord(info['x-actor'])) actors.push(readActor(base))
    else pipelines.push(readPipeline(base))
    collectTypes(document, types)
  }
  return { project, version, pipelines: sortByName(pipelines), actors: sortByName(actors), types }
}

function sortByName<T extends { readonly name: string }>(all: readonly T[]): T[] {
  return all.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

function readActor(base: SubjectDocs): ActorDocs {
  const about = readRecord(readRecord(base.document, 'info'), 'x-actor')
  return {
    ...base,
    kind: readText(about, 'kind') ?? 'node',
    queue: readText(about, 'queue') ?? base.name,
    cardinality: readText(about, 'cardinality') ?? 'one',
    input: findPayload(base.document, `${base.name}.receive`),
    output: findPayload(base.document, `${base.name}.send`),
  }
}

function readPipeline(base: SubjectDocs): PipelineDocs {
  const about = readRecord(readRecord(base.document, 'info'), 'x-pipeline')
  const names = readList(about, 'steps').map(String)
  const operations = Object.entries(readRecord(base.document, 'operations'))
  const steps = names.map((name) => {
    const send = operations.find(
      ([key]) => key === `${name}.send` || key.startsWith(`${name}.send.`),
    )
    const operation = send && isRecord(send[1]) ? send[1] : {}
    return { name, cardinality: send ? (readText(operation, 'x-cardinality') ?? 'one') : 'none' }
  })
  const toEnd = operations.find(([, operation]) => {
    const channel = isRecord(operation) ? readText(readRecord(operation, 'channel'), '$ref') : ''
    return (
      isRecord(operation) && operation['action'] === 'send' && !names.includes(lastPart(channel))
    )
  })
  const timeoutMs = about['timeoutMs']
  return {
    ...base,
    steps,
    results: readText(about, 'results') ?? 'one',
    timeoutMs: typeof timeoutMs === 'number' ? timeoutMs : undefined,
    input: names[0] === undefined ? undefined : findPayload(base.document, `${names[0]}.receive`),
    result: toEnd && findPayload(base.document, toEnd[0]),
  }
}

/** What stands in the envelope's `payload`, of the first message of an operation. */
function findPayload(document: DataRecord, operation: string): DataRecord | undefined {
  const found = readRecord(readRecord(document, 'operations'), operation)
  const [reference] = readList(found, 'messages')
  const name = isRecord(reference) ? lastPart(readText(reference, '$ref')) : ''
  const components = readRecord(document, 'components')
  const message = readRecord(readRecord(components, 'messages'), name)
  const envelope = readRecord(message, 'payload')
  const schemas = readRecord(components, 'schemas')
  const whole = readRecord(schemas, lastPart(readText(envelope, '$ref')))
  const payload = readRecord(whole, 'properties')['payload']
  return isRecord(payload) ? payload : undefined
}

/** Every type but those of the envelopes. */
function collectTypes(document: DataRecord, types: Map<string, DataRecord>): void {
  const schemas = readRecord(readRecord(document, 'components'), 'schemas')
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit)
    if (!isRecord(part)) return
    const name = lastPart(readText(part, '$ref'))
    const schema = schemas[name]
    if (name !== '' && isRecord(schema) && !types.has(name)) {
      types.set(name, schema)
      visit(schema)
    }
    for (const [key, value] of Object.entries(part)) if (key !== '$ref') visit(value)
  }
  for (const operation of Object.keys(readRecord(document, 'operations')))
    visit(findPayload(document, operation))
}

/** `#/components/schemas/Page` → `Page`. */
export function lastPart(reference: string | undefined): string {
  return reference?.split('/').at(-1) ?? ''
}
