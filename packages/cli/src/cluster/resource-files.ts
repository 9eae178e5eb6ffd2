import { ASYNC_ACTOR_API_VERSION } from '@asya/protocol'
import type { KubeObject } from '@asya/operator/kube'
import { parse, parseAllDocuments } from 'yaml'
import { UsageError } from '../errors.ts'
import { isFields, omit, pick, pickItems, pickText } from '@asya/operator/fields'

/** A file with resources of Kubernetes, or the kustomization beside them. */
export interface ResourceFile {
  readonly name: string
  readonly text: string
}

/** The label by which a build says to which project its actors belong. */
export const PROJECT_LABEL = 'app.kubernetes.io/part-of'

const KUSTOMIZATION = /(^|\/)kustomization\.ya?ml$/

/**
 * The AsyncActors of some files, with the labels of the kustomization among them, sorted by name.
 * Throws a UsageError for what is no YAML, and for any other kind: those are not ours to apply.
 */
export function readActors(files: readonly ResourceFile[]): readonly KubeObject[] {
  const labels = readLabels(files)
  const actors = files
    .filter(({ name }) => !KUSTOMIZATION.test(name))
    .flatMap(readDocuments)
    .map((actor) => addLabels(actor, labels))
  const keys = actors.map(({ metadata: { namespace, name } }) => `${namespace ?? ''}/${name}`)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined)
    throw new UsageError(`there are two AsyncActors "${twice.replace(/^\//, '')}": keep one`)
  return actors.sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
}

function readDocuments({ name, text }: ResourceFile): readonly KubeObject[] {
  const documents = parseAllDocuments(text, { version: '1.1' })
  // What is empty comes as something else than a list.
  if (!Array.isArray(documents)) return []
  return documents.flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) throw new UsageError(`${name} is no YAML: ${error.message}`)
    const object: unknown = document.toJS()
    return object === null ? [] : listItems(object).map((item) => readActor(item, name))
  })
}

/** The operator's to write. */
const STATUS: ReadonlySet<string> = new Set(['status'])

/** `kubectl get --output yaml` wraps several in a List. */
function listItems(object: unknown): readonly unknown[] {
  return pickText(object, 'kind') === 'List' ? pickItems(object, 'items') : [object]
}

function readActor(object: unknown, file: string): KubeObject {
  const kind = pickText(object, 'kind')
  const apiVersion = pickText(object, 'apiVersion')
  const name = pickText(object, 'metadata', 'name')
  if (!isFields(object) || kind !== 'AsyncActor' || apiVersion !== ASYNC_ACTOR_API_VERSION) {
    const what = kind === '' ? 'something without a kind' : `${apiVersion} ${kind} "${name}"`
    throw new UsageError(
      `${file} has ${what}: asya deploy applies AsyncActors of ${ASYNC_ACTOR_API_VERSION} alone; ` +
        'apply the rest by kubectl',
    )
  }
  if (name === '') throw new UsageError(`${file} has an AsyncActor without metadata.name`)
  const metadata = isFields(object['metadata']) ? object['metadata'] : {}
  return { ...omit(object, STATUS), apiVersion, kind, metadata: { ...metadata, name } }
}

function readLabels(files: readonly ResourceFile[]): Readonly<Record<string, string>> {
  const pairs = files
    .filter(({ name }) => KUSTOMIZATION.test(name))
    .flatMap(({ text }) => pickItems(parse(text) as unknown, 'labels'))
    .flatMap((label) => Object.entries(Object(pick(label, 'pairs')) as Record<string, unknown>))
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
}

function addLabels(actor: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  if (Object.keys(labels).length === 0) return actor
  const { metadata } = actor
  return { ...actor, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } }
}
