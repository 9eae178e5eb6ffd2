import type { GatewayTool } from './tool.ts'

/** The tools that are offered now; replaced as a whole when their files change. */
export class ToolSet {
  #tools: ReadonlyMap<string, GatewayTool> = new Map()
  readonly #listeners = new Set<() => void>()

  /** In order of their names. */
  list(): readonly GatewayTool[] {
    return [...this.#tools.values()]
  }

  find(name: string): GatewayTool | undefined {
    return this.#tools.get(name)
  }

  replace(tools: readonly GatewayTool[]): void {
    const sorted = tools.toSorted((one, other) => (one.name < other.name ? -1 : 1))
    this.#tools = new Map(sorted.map((tool) => [tool.name, tool]))
    for (const tell of this.#listeners) tell()
  }

  /** Calls `tell` after each replacement, until the returned function is called. */
  onChange(tell: () => void): () => void {
    this.#listeners.add(tell)
    return () => {
      this.#listeners.delete(tell)
    }
  }
}
