import type { CallToolResult, InputRequiredResult, Tool } from '@modelcontextprotocol/server'
import type { Asker } from './asker.ts'
import type { ToolCalls } from './tool-calls.ts'

/** A tool that this process answers itself, without a job of its own. */
export interface LocalTool {
  readonly definition: Tool
  readonly call: (
    args: Readonly<Record<string, unknown>>,
    asker: Asker,
    calls: ToolCalls,
  ) => Promise<CallToolResult | InputRequiredResult>
}
