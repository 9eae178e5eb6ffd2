import { HAPPY_END } from '@asya/protocol'
import { CommandError } from '../errors.ts'
import {
  follow,
  isNodeObject,
  parsePointer,
  type AsyncApiDocument,
  type Node,
} from './asyncapi-document.ts'
import { readPayload } from './message-payload.ts'

/** A pipeline that a document describes. */
export interface FoundPipeline {
  readonly name: string
  readonly description?: string | undefined
  readonly input: Node
  /** Whether the input is always an object, as the arguments of a tool are. */
  readonly isObject: boolean
  /** Of one branch; undefined: it has no results. */
  readonly result?: Node | undefined
  /** How many results a job has. */
  readonly count: 'none' | 'optional' | 'one' | 'many'
}

/** The pipeline of a document that `asya build` made. Throws a CommandError when it is none. */
export function findPipeline(document: AsyncApiDocument): FoundPipeline {
  const { info } = document.root
  const pipeline = isNodeObject(info) ? info['x-pipeline'] : undefined
  const steps = isNodeObject(pipeline) ? pipeline['steps'] : undefined
  const first = Array.isArray(steps) ? (steps as readonly Node[])[0] : undefined
  if (!isNodeObject(info) || !isNodeObject(pipeline) || typeof first !== 'string')
    throw new CommandError(
      `${document.locate(['info'])}: this is no document of a pipeline: info.x-pipeline.steps is ` +
        'missing. asya build writes one for each pipeline to asyncapi/pipelines/',
    )
  const { results } = pipeline
  const input = readOnly(document, first)
  const { description } = info
  const result = hasChannel(document, HAPPY_END) ? readOnly(document, HAPPY_END) : undefined
  return {
    name: document.title,
    description: typeof description === 'string' ? description : undefined,
    input,
    isObject: isObjectAlways(document, input, []),
    result,
    count: results === 'one' || results === 'optional' || results === 'none' ? results : 'many',
  }
}

function hasChannel({ root }: AsyncApiDocument, key: string): boolean {
  return isNodeObject(root['channels']) && key in root['channels']
}

/** The payload of a channel's one message. */
function readOnly(document: AsyncApiDocument, key: string): Node {
  const { value, pointer } = follow(document, ['channels', key])
  const { messages } = value
  const [name, ...others] = Object.keys(isNodeObject(messages) ? messages : {})
  if (name === undefined || others.length > 0)
    throw new CommandError(
      `${document.locate(pointer)}: the channel ${key} has ${others.length === 0 ? 'no message' : 'several messages'}: expected one`,
    )
  const payload = readPayload(document, [...pointer, 'messages', name])
  if (!payload.ok) throw new CommandError(payload.reason)
  return payload.schema
}

/** As the tool catalog of the build decides it; `seen` ends the walk around a type of itself. */
function isObjectAlways(document: AsyncApiDocument, schema: Node, seen: readonly Node[]): boolean {
  if (!isNodeObject(schema) || seen.includes(schema)) return false
  const below = [...seen, schema]
  const { $ref, type, oneOf, anyOf, allOf } = schema
  if (typeof $ref === 'string')
    return isObjectAlways(document, follow(document, parsePointer($ref)).value, below)
  if (type !== undefined) return type === 'object'
  const alternatives = oneOf ?? anyOf
  if (Array.isArray(alternatives))
    return (alternatives as readonly Node[]).every((part) => isObjectAlways(document, part, below))
  const parts = Array.isArray(allOf) ? (allOf as readonly Node[]) : []
  return parts.some((part) => isObjectAlways(document, part, below))
}
