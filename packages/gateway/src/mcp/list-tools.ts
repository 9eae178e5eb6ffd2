import type { Tool } from '@modelcontextprotocol/server'
import type { GatewayTool } from '../tools/tool.ts'
import type { ToolSet } from '../tools/tool-set.ts'
import type { Era } from './exchange.ts'
import { declareDialect, toOutputSchema } from './output-schema.ts'

/** `tools/list` of both eras, made once for each change of the tools: clients ask often. */
export class ToolList {
  readonly #tools: ToolSet
  readonly #others: readonly Tool[]
  readonly #made = new Map<Era, Tool[]>()

  /** `others`: tools that are no pipelines. */
  constructor(tools: ToolSet, others: readonly Tool[]) {
    this.#tools = tools
    this.#others = others
  }

  list(era: Era): Tool[] {
    const made = this.#made.get(era)
    if (made) return made
    const list = [...this.#tools.list().map((tool) => describe(tool, era)), ...this.#others]
    this.#made.set(era, list)
    return list
  }

  /** The tools are others now. */
  forget(): void {
    this.#made.clear()
  }
}

function describe(tool: GatewayTool, era: Era): Tool {
  const { name, title, annotations, metadata } = tool
  const outputSchema = toOutputSchema(tool, era)
  return {
    name,
    ...(title !== undefined && { title }),
    description: explain(tool),
    inputSchema: { ...declareDialect(tool.inputSchema), type: 'object' },
    ...(outputSchema && { outputSchema }),
    ...(annotations && { annotations }),
    ...(metadata && { _meta: { 'asya.io/metadata': metadata } }),
  }
}

function explain({ name, description, deprecated }: GatewayTool): string {
  const text = description ?? `Runs the pipeline ${name}.`
  return deprecated === undefined ? text : `Deprecated: ${deprecated}\n\n${text}`
}
