import { ERROR_END, HAPPY_END, isStepName } from '@asya/protocol'
import {
  follow,
  isNodeObject,
  type AsyncApiDocument,
  type Node,
  type NodeObject,
  type Pointer,
} from './asyncapi-document.ts'
import { readPayload } from './message-payload.ts'
import { toActorName } from './names.ts'

/** An actor that a document describes. */
export interface FoundActor {
  readonly name: string
  readonly queue: string
  /** Its handler, if it is one of this project's in Python: `module:function`. */
  readonly python?: string | undefined
  readonly description?: string | undefined
  /** Of the payload; one for each message that it takes. */
  readonly inputs: readonly Node[]
  /** None: it returns nothing. */
  readonly outputs: readonly Node[]
  readonly cardinality: 'one' | 'optional' | 'many'
}

export interface FoundActors {
  /** In order of their names. */
  readonly actors: readonly FoundActor[]
  /** Why the others are none; each names its place. */
  readonly problems: readonly string[]
}

interface Operation {
  readonly key: string
  readonly value: NodeObject
  readonly pointer: Pointer
  readonly channel: { readonly key: string; readonly value: NodeObject; readonly pointer: Pointer }
}

/** The actors of a document: whoever receives messages in our envelope from a queue. */
export function findRemoteActors(document: AsyncApiDocument): FoundActors {
  const operations = listOperations(document)
  const receives = operations.filter(({ value }) => value['action'] === 'receive')
  const sends = operations.filter(({ value }) => value['action'] === 'send')
  const problems: string[] = []
  const actors = receives.flatMap((receive) => {
    const own = sends.filter((send) => receives.length === 1 || ownerOf(send) === ownerOf(receive))
    return readActor(document, { receive, sends: own }, problems) ?? []
  })
  findTwins(actors, document, problems)
  return { actors: actors.sort((a, b) => (a.name < b.name ? -1 : 1)), problems }
}

function listOperations(document: AsyncApiDocument): Operation[] {
  const { operations } = document.root
  return Object.keys(isNodeObject(operations) ? operations : {}).map((key) => {
    const { value, pointer } = follow(document, ['operations', key])
    const channel = follow(document, [...pointer, 'channel'])
    return { key, value, pointer, channel: { ...channel, key: String(channel.pointer.at(-1)) } }
  })
}

/** Who does it: the tag `actor:…`, else what stands before the last dot of its key. */
function ownerOf({ key, value, channel }: Operation): string {
  const { tags } = value
  for (const tag of Array.isArray(tags) ? (tags as readonly Node[]) : []) {
    const name = isNodeObject(tag) ? tag['name'] : undefined
    if (typeof name === 'string' && name.startsWith('actor:')) return name.slice('actor:'.length)
  }
  const dot = key.indexOf('.')
  return dot > 0 ? key.slice(0, dot) : channel.key
}

interface Parts {
  readonly receive: Operation
  readonly sends: readonly Operation[]
}

function readActor(
  document: AsyncApiDocument,
  { receive, sends }: Parts,
  problems: string[],
): FoundActor | undefined {
  const { channel, value } = receive
  const { address } = channel.value
  // The ends of every pipeline are no actors of anybody's.
  if (address === HAPPY_END || address === ERROR_END) return undefined
  const named = nameActor(receive)
  if (typeof named === 'string') {
    const at = document.locate([...channel.pointer, 'address'])
    problems.push(`${at}: the channel ${channel.key} ${named}`)
    return undefined
  }
  const inputs = readPayloads(document, receive, problems)
  const outputs = sends.map((send) => readPayloads(document, send, problems))
  if (inputs === undefined || outputs.includes(undefined)) return undefined
  const description = value['description'] ?? value['summary'] ?? channel.value['description']
  return {
    ...named,
    description: typeof description === 'string' ? description : undefined,
    inputs,
    outputs: outputs.flatMap((payloads) => payloads ?? []),
    cardinality: findCardinality(sends),
  }
}

/** Name and queue; or why there are none, as the end of a sentence. */
function nameActor(receive: Operation): Pick<FoundActor, 'name' | 'queue'> | string {
  const { address } = receive.channel.value
  if (typeof address !== 'string') return 'has no address: it is not known where to send'
  const isFit: boolean = isStepName(address)
  if (!isFit)
    return `has the address "${address}", which no queue of a route can have: at most 200 of letters, digits, ".", "_" and "-"`
  const name = toActorName(ownerOf(receive)) ?? toActorName(address)
  return name === undefined
    ? 'has no name of which that of an actor could be made'
    : { name, queue: address }
}

/** The payloads of an operation's messages; undefined when one of them has none of ours. */
function readPayloads(
  document: AsyncApiDocument,
  { value, pointer, channel }: Operation,
  problems: string[],
): readonly Node[] | undefined {
  const { messages } = value
  const { messages: all } = channel.value
  const pointers = Array.isArray(messages)
    ? messages.map((_, index) => [...pointer, 'messages', index])
    : Object.keys(isNodeObject(all) ? all : {}).map((key) => [...channel.pointer, 'messages', key])
  const read = pointers.map((at) => readPayload(document, at))
  const refused = read.flatMap((payload) => (payload.ok ? [] : [payload.reason]))
  problems.push(...refused.filter((reason) => !problems.includes(reason)))
  if (refused.length > 0) return undefined
  if (read.length === 0)
    problems.push(`${document.locate(pointer)}: the channel ${channel.key} has no messages`)
  return read.length === 0 ? undefined : read.flatMap((each) => (each.ok ? [each.schema] : []))
}

function findCardinality(sends: readonly Operation[]): FoundActor['cardinality'] {
  const said = sends.map(({ value }) => value['x-cardinality'])
  if (said.includes('many')) return 'many'
  return said.includes('optional') ? 'optional' : 'one'
}

function findTwins(
  actors: readonly FoundActor[],
  document: AsyncApiDocument,
  problems: string[],
): void {
  for (const [index, actor] of actors.entries()) {
    const first = actors.findIndex(({ name }) => name === actor.name)
    if (first !== index)
      problems.push(
        `${document.path}: the queues ${actors[first]?.queue ?? ''} and ${actor.queue} both belong to an actor ${actor.name}`,
      )
  }
}
