import type { Tool, ToolCatalog } from '@asya/protocol'
import { compileCheck } from './check-arguments.ts'
import type { GatewayTool } from './tool.ts'

export interface ToolDefaults {
  readonly timeoutMs: number
}

/** The tools of a build's catalog. */
export function toGatewayTools(catalog: ToolCatalog, defaults: ToolDefaults): GatewayTool[] {
  return catalog.tools.map((tool) => toGatewayTool(tool, defaults))
}

function toGatewayTool(tool: Tool, defaults: ToolDefaults): GatewayTool {
  const { name, description, deprecated, inputSchema, argument, outputSchema } = tool
  return {
    ...{ name, description, deprecated, inputSchema, outputSchema },
    results: tool.results,
    route: tool.route,
    timeoutMs: tool.timeoutMs ?? defaults.timeoutMs,
    isPartial: false,
    toPayload: compileCheck(inputSchema, argument),
  }
}
