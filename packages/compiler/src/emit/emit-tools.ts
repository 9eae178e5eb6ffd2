import type { Tool, ToolCatalog } from '@asya/protocol'
import { readSchemaName, type JsonSchema, type Model, type PipelineModel } from '../model/model.ts'
import type { OutputFile } from '../model/output-file.ts'
import { writeHeader } from './header.ts'
import { countResults, findSteps } from './pipeline-steps.ts'
import { toSelfContained, type SelfContainedSchema } from './self-contained.ts'

/** The gateway's tool catalog: a pipeline is a tool. */
export function emitTools(model: Model): readonly OutputFile[] {
  const catalog: ToolCatalog = {
    catalog: 1,
    tools: model.pipelines.map((pipeline) => toTool(pipeline, model)),
  }
  return [
    {
      path: 'tools.json',
      content: `${JSON.stringify({ $comment: writeHeader([]), ...catalog }, undefined, 2)}\n`,
    },
  ]
}

function toTool(pipeline: PipelineModel, model: Model): Tool {
  const steps = findSteps(pipeline, model)
  const [first] = steps
  const output = steps.at(-1)?.output
  if (!first) throw new Error(`the pipeline ${pipeline.name} has no steps`)
  return {
    name: pipeline.name,
    description: pipeline.description,
    deprecated: pipeline.deprecated,
    ...describeArguments(first.input.schema, model),
    outputSchema: output && toToolSchema(output.schema, model),
    results: countResults(steps),
    route: steps.map(({ queue }) => queue),
    timeoutMs: pipeline.timeoutMs,
  }
}

const ARGUMENT = 'payload'

/** MCP wants an object; everything else is put into one. */
function describeArguments(
  schema: JsonSchema,
  model: Model,
): Pick<Tool, 'inputSchema' | 'argument'> {
  const { definitions, ...payload } = toToolSchema(schema, model)
  if (isObjectAlways(schema, model)) {
    const inputSchema = { ...payload, type: 'object', ...(definitions && { definitions }) }
    return { inputSchema }
  }
  const inputSchema = {
    type: 'object',
    required: [ARGUMENT],
    properties: { [ARGUMENT]: payload },
    additionalProperties: false,
    ...(definitions && { definitions }),
  }
  return { inputSchema, argument: ARGUMENT }
}

function toToolSchema(
  schema: JsonSchema,
  model: Model,
): SelfContainedSchema & Record<string, unknown> {
  return { ...toSelfContained(schema, model.schemas) }
}

/** Whether only objects fit; `seen` ends the walk around a type that refers to itself. */
function isObjectAlways(
  schema: JsonSchema,
  model: Model,
  seen: readonly JsonSchema[] = [],
): boolean {
  if (seen.includes(schema)) return false
  const below = [...seen, schema]
  if (schema.$ref !== undefined) {
    const target = model.schemas[readSchemaName(schema.$ref)]
    return target !== undefined && isObjectAlways(target, model, below)
  }
  if (schema.type !== undefined) return schema.type === 'object'
  const alternatives = schema.oneOf ?? schema.anyOf
  if (alternatives) return alternatives.every((part) => isObjectAlways(part, model, below))
  return schema.allOf?.some((part) => isObjectAlways(part, model, below)) ?? false
}
