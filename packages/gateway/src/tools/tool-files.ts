import { watch, type FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { decodeToolCatalog } from '@asya/protocol'
import { toGatewayTools, type ToolDefaults } from './catalog-tools.ts'
import type { GatewayTool } from './tool.ts'
import type { ToolSet } from './tool-set.ts'

export interface ToolFilesOptions {
  /** `tools.json` of a build. */
  readonly catalogPath: string | undefined
  /** Tools by hand, in YAML. */
  readonly configPath: string | undefined
  readonly defaults: ToolDefaults
  /** Told of files that cannot be read after the start; the tools stay as they were. */
  readonly onError: (message: string) => void
}

/** A file cannot be read as tools; `message` names it, the place in it and what is wrong. */
export class ToolFileError extends Error {
  override readonly name = 'ToolFileError'
  readonly code = 'tool_file_error'
}

/** Editors and ConfigMaps change a file in several steps. */
const SETTLE_MS = 200

/** Keeps a ToolSet as its files say, also when they change. */
export class ToolFiles {
  readonly #options: ToolFilesOptions
  readonly #tools: ToolSet
  readonly #watchers: FSWatcher[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: ToolFilesOptions, tools: ToolSet) {
    this.#options = options
    this.#tools = tools
  }

  /** Throws a ToolFileError when a file cannot be read. */
  async start(): Promise<void> {
    const { catalogPath, configPath } = this.#options
    const paths = [catalogPath, configPath].filter((path) => path !== undefined)
    if (paths.length === 0) return
    this.#tools.replace(await this.#read())
    for (const path of paths) {
      // The folder: a ConfigMap replaces a link beside the file, and editors the file itself.
      const watcher = watch(dirname(path), () => {
        clearTimeout(this.#timer)
        this.#timer = setTimeout(() => void this.#reload(), SETTLE_MS)
      })
      this.#watchers.push(watcher)
    }
  }

  close(): Promise<void> {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
    return Promise.resolve()
  }

  async #reload(): Promise<void> {
    try {
      this.#tools.replace(await this.#read())
    } catch (error) {
      this.#options.onError(`the tools stay as they were: ${String(error)}`)
    }
  }

  async #read(): Promise<readonly GatewayTool[]> {
    const { catalogPath, defaults } = this.#options
    if (catalogPath === undefined) return []
    const text = await readFile(catalogPath, 'utf8')
    const catalog = decodeToolCatalog(text)
    if (!catalog.ok) throw new ToolFileError(`${catalogPath}: ${catalog.reason}`)
    return toGatewayTools(catalog.value, defaults)
  }
}
