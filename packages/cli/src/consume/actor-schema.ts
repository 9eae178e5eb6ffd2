import { basename } from 'node:path'
import { isStepName } from '@asya/protocol'
import * as z from 'zod'
import { CommandError } from '../errors.ts'
import { isNodeObject, type AsyncApiDocument, type NodeObject } from './asyncapi-document.ts'
import type { FoundActor } from './find-remote-actors.ts'
import { toActorName } from './names.ts'

const schema = z.custom<NodeObject>(isNodeObject, 'must be a JSON Schema, written as an object')

/** What lies beside a handler in another language. A member of another name is a slip of the pen. */
const actorSchema = z.strictObject({
  $schema: z.string().optional(),
  $comment: z.string().optional(),
  name: z.string().optional(),
  queue: z.string().optional(),
  /** Written by `asya.py schema`: the handler is one of this project. */
  python: z.string().optional(),
  description: z.string().optional(),
  cardinality: z.enum(['one', 'optional', 'many']).default('one'),
  input: schema,
  output: schema.optional(),
  definitions: z.record(z.string(), schema).optional(),
  $defs: z.record(z.string(), schema).optional(),
})

/** Whether a file describes one actor by the JSON Schemas of what it takes and gives. */
export function isActorSchema({ root }: Pick<AsyncApiDocument, 'root'>): boolean {
  return root['asyncapi'] === undefined && root['input'] !== undefined
}

/**
 * The actor that such a file describes. Without `output` it returns nothing; `output` is one of its
 * results. Without a `name` it is called after the file: `score.schema.json` → `score`. Throws a
 * CommandError that names the places of what is wrong.
 */
export function readActorSchema({ path, root, locate }: AsyncApiDocument): FoundActor {
  const parsed = actorSchema.safeParse(root)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ path: at, message }) =>
        `  ${locate(at.map(toPart))}: ${[...at.map(String), message].join(': ')}`,
    )
    throw new CommandError(`${path} is no schema of an actor:\n${lines.join('\n')}`)
  }
  const { input, output, description, cardinality } = parsed.data
  const name = toActorName(parsed.data.name ?? basename(path).replace(/(?:\.schema)?\.\w+$/, ''))
  const queue = parsed.data.queue ?? name
  if (name === undefined || queue === undefined || !isStepName(queue))
    throw new CommandError(
      `${path} names no actor and no queue that there can be: write "name" and "queue" in it`,
    )
  return {
    name,
    queue,
    python: parsed.data.python,
    description,
    inputs: [input],
    outputs: output === undefined ? [] : [output],
    cardinality: output === undefined ? 'one' : cardinality,
  }
}

function toPart(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part)
}
