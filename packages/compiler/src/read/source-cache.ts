import { readFileSync, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { getLibFiles, libFolderInMemoryPath } from '@ts-morph/common'
import { ts } from 'ts-morph'

/** The compiler's own libraries, which are not on the disk. */
const LIBRARIES: ReadonlyMap<string, string> = new Map(
  getLibFiles().map(({ fileName, text }) => [`${libFolderInMemoryPath}/${fileName}`, text]),
)

interface KeptFile {
  readonly file: ts.SourceFile
  /** When the file was changed last, of those that are not compared by their texts. */
  readonly stampMs: number
}

/**
 * The files of packages and of the compiler itself, for all projects that this process reads: parsing
 * and binding them is half of what a small project takes. Only those of the last settings, since they
 * take memory.
 */
let foreign: { readonly settings: string; readonly files: Map<string, KeptFile> } | undefined

const registry = ts.createDocumentRegistry()

/** @returns those that were parsed and bound as these options say, wherever the project lies */
function shareForeign(options: ts.CompilerOptions): Map<string, KeptFile> {
  const settings = registry.getKeyForCompilationSettings({ ...options, pathsBasePath: undefined })
  if (foreign?.settings !== settings) foreign = { settings, files: new Map() }
  return foreign.files
}

type ResolveNames = NonNullable<ts.CompilerHost['resolveModuleNameLiterals']>

/** By the name that is imported, and how: where it leads, or undefined. */
type Imports = Map<string, string | undefined>

/**
 * The files of a program and where their imports lead, kept from one program to the next: what did not
 * change is neither read nor parsed nor looked for again.
 */
export class SourceCache {
  readonly #invented: ReadonlyMap<string, string>
  readonly #files = new Map<string, KeptFile>()
  readonly #imports = new Map<string, Imports>()
  /** Whose text is the same, and whose imports lead elsewhere. */
  readonly #redirected = new Set<string>()
  #resolutions: ts.ModuleResolutionCache | undefined

  /** @param invented texts of files that stand in no folder, by absolute path */
  constructor(invented: ReadonlyMap<string, string>) {
    this.#invented = invented
  }

  /** Forgets the files that changed or are gone; returns their paths. */
  refresh(): string[] {
    this.#redirected.clear()
    const changed: string[] = []
    for (const [path, kept] of this.#files) {
      if (!this.#didChange(path, kept)) continue
      this.#files.delete(path)
      this.#imports.delete(path)
      changed.push(path)
    }
    return changed
  }

  #didChange(path: string, { file, stampMs }: KeptFile): boolean {
    if (this.#isBuiltIn(path)) return false
    if (isInPackage(path)) return readStampMs(path) !== stampMs
    const text = readText(path)
    return text === undefined || stripMark(text) !== file.text
  }

  /** Whether an import of the author's own files leads nowhere. */
  get hasBrokenImports(): boolean {
    return [...this.#imports].some(
      ([path, imports]) => !isInPackage(path) && [...imports.values()].includes(undefined),
    )
  }

  /** Whose imports led elsewhere when the last program was made, though their texts are the same. */
  get redirected(): ReadonlySet<string> {
    return this.#redirected
  }

  /** The files that one imports, in types too. */
  listImports(path: string): string[] {
    return [...(this.#imports.get(path)?.values() ?? [])].filter((each) => each !== undefined)
  }

  /** @param isLookingAgain whether imports may lead elsewhere than they did */
  createHost(
    options: ts.CompilerOptions,
    projectDir: string,
    isLookingAgain: boolean,
  ): ts.CompilerHost {
    const disk = ts.createCompilerHost(options)
    const shared = shareForeign(options)
    if (isLookingAgain || !this.#resolutions)
      this.#resolutions = ts.createModuleResolutionCache(projectDir, (path) =>
        disk.getCanonicalFileName(path),
      )
    const host: ts.CompilerHost = {
      ...disk,
      getCurrentDirectory: () => projectDir,
      getDefaultLibLocation: () => libFolderInMemoryPath,
      getDefaultLibFileName: (given) =>
        `${libFolderInMemoryPath}/${ts.getDefaultLibFileName(given)}`,
      fileExists: (path) => this.#isBuiltIn(path) || disk.fileExists(path),
      readFile: (path) => this.#readBuiltIn(path) ?? disk.readFile(path),
      getSourceFile: (path, parsing) => this.#getFile(path, parsing, shared),
      hasInvalidatedResolutions: (path) => isLookingAgain && !isInPackage(path),
      resolveModuleNameLiterals: (...asked) => this.#resolve(host, asked),
    }
    return host
  }

  #resolve(
    host: ts.CompilerHost,
    [names, from, redirect, options, file]: Parameters<ResolveNames>,
  ): ReturnType<ResolveNames> {
    const cache = this.#resolutions
    return names.map((name) => {
      const mode = ts.getModeForUsageLocation(file, name, options)
      const found = ts.resolveModuleName(name.text, from, options, host, cache, redirect, mode)
      this.#keepImport(from, `${mode ?? ''}:${name.text}`, found.resolvedModule)
      return found
    })
  }

  #keepImport(from: string, key: string, target: ts.ResolvedModuleFull | undefined): void {
    const imports: Imports = this.#imports.get(from) ?? new Map<string, string | undefined>()
    const path = target?.resolvedFileName
    if (imports.has(key) && imports.get(key) !== path) this.#redirected.add(from)
    this.#imports.set(from, imports.set(key, path))
  }

  #getFile(
    path: string,
    parsing: ts.ScriptTarget | ts.CreateSourceFileOptions,
    shared: Map<string, KeptFile>,
  ) {
    const format = typeof parsing === 'object' ? parsing.impliedNodeFormat : undefined
    const own = this.#files.get(path)
    if (own?.file.impliedNodeFormat === format && own) return own.file
    // The stamp first: what is written between the two is seen the next time.
    const stampMs = isInPackage(path) && !this.#isBuiltIn(path) ? readStampMs(path) : 0
    const known = shared.get(path)
    const isKnown = known?.file.impliedNodeFormat === format && known?.stampMs === stampMs
    const kept = isKnown ? known : this.#parse(path, parsing, stampMs)
    if (!kept) return undefined
    this.#files.set(path, kept)
    if (isInPackage(path)) shared.set(path, kept)
    return kept.file
  }

  #parse(
    path: string,
    parsing: ts.ScriptTarget | ts.CreateSourceFileOptions,
    stampMs: number,
  ): KeptFile | undefined {
    const text = this.#readBuiltIn(path) ?? readText(path)
    if (text === undefined) return undefined
    return { file: ts.createSourceFile(path, stripMark(text), parsing), stampMs }
  }

  #isBuiltIn(path: string): boolean {
    return this.#readBuiltIn(path) !== undefined
  }

  #readBuiltIn(path: string): string | undefined {
    return this.#invented.get(path) ?? LIBRARIES.get(path)
  }
}

/**
 * Whether a file belongs to an installed package or to the compiler. A package of the same workspace,
 * of which node_modules has only a link, is as much the author's as the project.
 */
export function isInPackage(path: string): boolean {
  return path.includes('/node_modules/')
}

/** Undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  if (!isAbsolute(path)) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function readStampMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** The compiler drops the byte order mark. */
function stripMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}
