import { readJson, type JsonReader, type ReadJson } from './json-reader.ts'
import { CARDINALITIES, type ManifestCardinality } from './manifest.ts'
import { isStepName } from './names.ts'
import { MAX_STEPS } from './route.ts'

/**
 * `tools.json` of a build: what the gateway offers. A pipeline is a tool.
 *
 * MCP wants an object as a tool's arguments. A pipeline that takes anything else gets it as one
 * argument, which `argument` names; the gateway sends that member's value, not the object.
 *
 * `outputSchema` is of one result. A job collects a list of them, for every fan-out adds to it: what
 * MCP calls the tool's output follows from `results`, and is the gateway's to say, for it also answers
 * with handles of jobs that go on.
 */
export interface ToolCatalog {
  /** Version of this format. */
  readonly catalog: 1
  /** In order of their names. */
  readonly tools: readonly Tool[]
}

export interface Tool {
  /** The pipeline's. */
  readonly name: string
  readonly description?: string | undefined
  /** Why it should not be called any more. */
  readonly deprecated?: string | undefined
  /** Draft-07, of type `object`; it refers to nothing outside of itself. */
  readonly inputSchema: ToolSchema
  /** The member of the arguments that is the payload; without it they all are. */
  readonly argument?: string | undefined
  /** Draft-07, of any type; left out when there are no results. */
  readonly outputSchema?: ToolSchema | undefined
  readonly results: ManifestCardinality
  /** The queues, in order. */
  readonly route: readonly string[]
  /** From end to end. */
  readonly timeoutMs?: number | undefined
}

type ToolSchema = Readonly<Record<string, unknown>>

/** Reads the text of a `tools.json`; members that it does not know are left out. */
export function decodeToolCatalog(text: string): ReadJson<ToolCatalog> {
  return readJson(text, (root) => ({
    catalog: root.at('catalog').oneOf([1]),
    tools: root.at('tools').items().map(readTool),
  }))
}

function readTool(tool: JsonReader): Tool {
  const text = (reader: JsonReader): string => reader.text()
  return {
    name: tool.at('name').text(),
    description: tool.at('description').optional(text),
    deprecated: tool.at('deprecated').optional(text),
    inputSchema: readInputSchema(tool.at('inputSchema')),
    argument: tool.at('argument').optional(text),
    outputSchema: tool.at('outputSchema').optional((schema) => schema.object()),
    results: tool.at('results').oneOf(CARDINALITIES),
    route: readRoute(tool.at('route')),
    timeoutMs: tool.at('timeoutMs').optional((reader) => reader.amount()),
  }
}

function readInputSchema(schema: JsonReader): ToolSchema {
  schema.at('type').oneOf(['object'])
  return schema.object()
}

function readRoute(route: JsonReader): readonly string[] {
  const steps = route.items()
  if (steps.length === 0 || steps.length > MAX_STEPS)
    return route.expected(`1 to ${MAX_STEPS} queues`)
  return steps.map((step) => {
    const name = step.text()
    return isStepName(name) ? name : step.expected('the name of a queue')
  })
}
