import { readFile } from 'node:fs/promises'
import { decodeToolCatalog } from '@asya/protocol'
import { watchFiles } from '../watch-files.ts'
import { toGatewayTools, type ToolDefaults } from './catalog-tools.ts'
import type { GatewayTool } from './tool.ts'
import { ToolFileError } from './tool-file-error.ts'
import type { ToolSet } from './tool-set.ts'
import { readYamlTools } from './yaml-tools.ts'

export interface ToolFilesOptions {
  /** `tools.json` of a build. */
  readonly catalogPath: string | undefined
  /** Tools by hand, in YAML. */
  readonly configPath: string | undefined
  readonly defaults: ToolDefaults
  /** Names that no tool of the YAML file may have. */
  readonly reservedNames: readonly string[]
  /** Told of files that cannot be read after the start; the tools stay as they were. */
  readonly onError: (message: string) => void
}

/** Keeps a ToolSet as its files say, also when they change. */
export class ToolFiles {
  readonly #options: ToolFilesOptions
  readonly #tools: ToolSet
  #stopWatching: (() => void) | undefined

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
    this.#stopWatching = watchFiles(paths, () => void this.#reload())
  }

  close(): void {
    this.#stopWatching?.()
  }

  async #reload(): Promise<void> {
    try {
      this.#tools.replace(await this.#read())
    } catch (error) {
      this.#options.onError(
        `the tools stay as they were: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }

  async #read(): Promise<readonly GatewayTool[]> {
    const { catalogPath, configPath, defaults, reservedNames } = this.#options
    const fromCatalog = catalogPath === undefined ? [] : await readCatalog(catalogPath, defaults)
    const fromConfig =
      configPath === undefined
        ? []
        : readYamlTools(configPath, await readText(configPath), defaults)
    const taken = new Map(fromCatalog.map(({ name }) => [name, `is in ${String(catalogPath)} too`]))
    for (const name of reservedNames) taken.set(name, 'is one of the gateway itself')
    for (const { name } of fromConfig) {
      const reason = taken.get(name)
      if (reason === undefined) continue
      throw new ToolFileError(
        `${String(configPath)}: the tool ${name} ${reason}: rename one of them`,
      )
    }
    return [...fromCatalog, ...fromConfig]
  }
}

async function readCatalog(path: string, defaults: ToolDefaults): Promise<readonly GatewayTool[]> {
  const catalog = decodeToolCatalog(await readText(path))
  if (!catalog.ok) throw new ToolFileError(`${path}: ${catalog.reason}`)
  return toGatewayTools(catalog.value, defaults)
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ToolFileError(`${path}: cannot be read: ${reason}`)
  }
}
