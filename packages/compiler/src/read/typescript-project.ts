import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Project, type ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import { readTsConfig } from './read-tsconfig.ts'

export interface OpenedFiles {
  /** Absolute. */
  readonly projectDir: string
  /** In which actors and pipelines may be, and `asya.config.ts`; seen from the project. */
  readonly files: readonly string[]
}

/** A file that stands in no folder: the compiler makes types of what is written, and only of that. */
const ANY_JSON =
  'export type AnyJson = string | number | boolean | null | AnyJson[] | { [name: string]: AnyJson }'

/** What became of the files since the program was made. */
export type Freshness =
  | { readonly kind: 'same' }
  /** Texts alone: the next program takes over everything else. Absolute paths. */
  | { readonly kind: 'edited'; readonly files: readonly string[] }
  /** Files came or went, or a package changed: imports may lead elsewhere. */
  | { readonly kind: 'stale' }

/**
 * The compiler's view of a project: one ts-morph Project, and all that else knows ts-morph. What
 * reads types works on the compiler's own nodes: wrapping each of them would cost memory and time.
 */
export class TypeScriptProject {
  readonly problems: readonly Problem[]
  readonly #project: Project
  readonly #anyJsonFile: string
  readonly #configFiles: ReadonlyMap<string, string | undefined>
  /** Of the files in packages, which are not compared by their texts. */
  readonly #packageFiles = new Map<string, number>()

  constructor({ projectDir, files }: OpenedFiles) {
    const { options, files: configFiles, problems } = readTsConfig(projectDir)
    this.problems = problems
    const watched = [...configFiles, join(projectDir, 'package.json')]
    this.#configFiles = new Map(watched.map((path) => [path, readText(path)]))
    const hasScripts = files.some((file) => /\.[cm]?jsx?$/.test(file))
    this.#project = new Project({
      compilerOptions: { ...options, ...(hasScripts && { allowJs: true }) },
      skipAddingFilesFromTsConfig: true,
      skipFileDependencyResolution: true,
    })
    for (const file of files) this.#project.addSourceFileAtPath(join(projectDir, file))
    this.#anyJsonFile = join(projectDir, '.asya-any-json.ts')
    this.#project.createSourceFile(this.#anyJsonFile, ANY_JSON)
  }

  /** The type of anything that JSON can hold, mutable lists included. */
  findAnyJson(): ts.Type {
    const checker = this.program.getTypeChecker()
    const file = this.program.getSourceFile(this.#anyJsonFile)
    const [declaration] = file?.statements ?? []
    if (!declaration) throw new Error(`the program has no ${this.#anyJsonFile}`)
    return checker.getTypeAtLocation(declaration)
  }

  /** The program as the files were when they were read last. */
  get program(): ts.Program {
    return this.#project.getProgram().compilerObject
  }

  /** The files that a rebuild depends on, absolute; those of packages are not among them. */
  listInputs(): string[] {
    const sources = this.#ownFiles().map(({ fileName }) => resolve(fileName))
    const configured = [...this.#configFiles].flatMap(([path, text]) =>
      text === undefined ? [] : [path],
    )
    return [...new Set([...sources, ...configured])].sort()
  }

  /** Reads again what changed, if that is all there is to do. */
  refresh(): Freshness {
    for (const [path, text] of this.#configFiles)
      if (readText(path) !== text) return { kind: 'stale' }
    const edited: string[] = []
    for (const file of this.program.getSourceFiles()) {
      if (file.fileName === this.#anyJsonFile) continue
      if (isForeign(file, this.program)) {
        if (this.#didPackageFileChange(file.fileName)) return { kind: 'stale' }
        continue
      }
      const text = readText(file.fileName)
      if (text === undefined) return { kind: 'stale' }
      if (stripMark(text) !== file.text) edited.push(file.fileName)
    }
    if (edited.length === 0) return { kind: 'same' }
    for (const path of edited) this.#project.getSourceFileOrThrow(path).refreshFromFileSystemSync()
    return { kind: 'edited', files: edited }
  }

  #ownFiles(): ts.SourceFile[] {
    const { program } = this
    return program
      .getSourceFiles()
      .filter((file) => !isForeign(file, program) && file.fileName !== this.#anyJsonFile)
  }

  #didPackageFileChange(path: string): boolean {
    // The compiler's own libraries are not on the disk.
    const stamp = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    const known = this.#packageFiles.get(path)
    this.#packageFiles.set(path, stamp)
    return known !== undefined && known !== stamp
  }
}

/**
 * Whether a file belongs to an installed package or to the compiler. A package of the same workspace,
 * of which node_modules has only a link, is as much the author's as the project.
 */
export function isForeign(file: ts.SourceFile, program: ts.Program): boolean {
  return file.fileName.includes('/node_modules/') || program.isSourceFileDefaultLibrary(file)
}

function readText(path: string): string | undefined {
  if (!isAbsolute(path)) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The compiler drops the byte order mark. */
function stripMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}
