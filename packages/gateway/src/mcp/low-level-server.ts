import { Server } from '@modelcontextprotocol/server'

/**
 * The SDK's server below its McpServer, which it reserves for such uses as this one: our schemas are
 * written by the build, the list of tools is made once, and tasks are beyond what McpServer knows.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated
export class LowLevelServer extends Server {}
