import { join } from 'node:path'
import { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import { findAffected } from './find-affected.ts'
import { readTsConfig, type TsConfig } from './read-tsconfig.ts'
import { isInPackage, readText, SourceCache } from './source-cache.ts'

/** What became of the program when the files were looked at again. */
export type Change =
  | { readonly kind: 'same' }
  /** What these files say may be otherwise now, with all that they import. Absolute paths. */
  | { readonly kind: 'some'; readonly affected: ReadonlySet<string> }
  | { readonly kind: 'all' }

/** A file that stands in no folder: the compiler makes types of what is written, and only of that. */
const ANY_JSON_TEXT =
  'export type AnyJson = string | number | boolean | null | AnyJson[] | { [name: string]: AnyJson }'

interface Opened {
  readonly config: TsConfig
  readonly options: ts.CompilerOptions
  /** The texts of the files that configure the project; undefined: there is none. */
  readonly configTexts: ReadonlyMap<string, string | undefined>
  readonly sources: SourceCache
  readonly roots: readonly string[]
  readonly program: ts.Program
}

/**
 * The compiler's view of a project: one program after another, each with all of the last one that did
 * not change. It is made by the compiler's own means, so that modules are found as Node finds them;
 * what reads types works on the compiler's own nodes, for wrapping them would cost memory and time.
 */
export class TypeScriptProject {
  readonly #projectDir: string
  readonly #anyJsonFile: string
  #opened: Opened | undefined

  /** @param projectDir absolute */
  constructor(projectDir: string) {
    this.#projectDir = projectDir
    this.#anyJsonFile = join(projectDir, '.asya-any-json.ts')
  }

  /** Of the configuration. */
  get problems(): readonly Problem[] {
    return this.#current.config.problems
  }

  /** The program as the files were at the last update. */
  get program(): ts.Program {
    return this.#current.program
  }

  /** Everything that a file imports, near or far, and itself. Absolute paths, in order. */
  listClosure(path: string): readonly string[] {
    const { sources } = this.#current
    const found = new Set([path])
    for (const each of found) for (const next of sources.listImports(each)) found.add(next)
    return [...found].sort()
  }

  /** The type of anything that JSON can hold, mutable lists included. */
  findAnyJson(): ts.Type {
    const file = this.program.getSourceFile(this.#anyJsonFile)
    const [declaration] = file?.statements ?? []
    if (!declaration) throw new Error(`the program has no ${this.#anyJsonFile}`)
    return this.program.getTypeChecker().getTypeAtLocation(declaration)
  }

  /** The files that a rebuild depends on, absolute; those of packages are not among them. */
  listInputs(): string[] {
    const { program, configTexts } = this.#current
    const sources = program
      .getSourceFiles()
      .map(({ fileName }) => fileName)
      .filter((path) => !isInPackage(path) && path !== this.#anyJsonFile)
    const configured = [...configTexts].flatMap(([path, text]) =>
      text === undefined ? [] : [path],
    )
    return [...new Set([...sources, ...configured])].sort()
  }

  /**
   * Looks at the files again, and makes another program if something changed.
   *
   * @param files in which actors and pipelines may be, and `asya.config.ts`; seen from the project
   */
  update(files: readonly string[]): Change {
    const known = this.#opened
    const roots = files.map((file) => join(this.#projectDir, file))
    if (!known || [...known.configTexts].some(([path, text]) => readText(path) !== text)) {
      this.#opened = this.#open(roots)
      return { kind: 'all' }
    }
    const changed = known.sources.refresh()
    const areSameRoots = known.roots.join('\n') === roots.join('\n')
    const isLookingAgain =
      !areSameRoots ||
      known.sources.hasBrokenImports ||
      changed.some((path) => !ts.sys.fileExists(path))
    if (changed.length === 0 && !isLookingAgain) return { kind: 'same' }
    const options = addScripts(known.config.options, roots)
    const program = this.#createProgram({ ...known, roots, options }, isLookingAgain)
    this.#opened = { ...known, roots, options, program }
    const affected = findAffected(known.program, program, known.sources)
    if (affected?.size === 0 && areSameRoots) return { kind: 'same' }
    return affected ? { kind: 'some', affected } : { kind: 'all' }
  }

  get #current(): Opened {
    if (!this.#opened) throw new Error('the project was not opened: update comes first')
    return this.#opened
  }

  #open(roots: readonly string[]): Opened {
    const config = readTsConfig(this.#projectDir)
    const watched = [...config.files, join(this.#projectDir, 'package.json')]
    const opened = {
      config,
      options: addScripts(config.options, roots),
      configTexts: new Map(watched.map((path) => [path, readText(path)])),
      sources: new SourceCache(new Map([[this.#anyJsonFile, ANY_JSON_TEXT]])),
      roots,
    }
    return { ...opened, program: this.#createProgram(opened, true) }
  }

  #createProgram(
    { roots, options, sources, program }: Omit<Opened, 'program'> & Partial<Opened>,
    isLookingAgain: boolean,
  ): ts.Program {
    return ts.createProgram({
      rootNames: [...roots, this.#anyJsonFile],
      options,
      host: sources.createHost(options, this.#projectDir, isLookingAgain),
      ...(program && { oldProgram: program }),
    })
  }
}

/** JavaScript is read where there is some, whatever the tsconfig says. */
function addScripts(options: ts.CompilerOptions, roots: readonly string[]): ts.CompilerOptions {
  const hasScripts = roots.some((path) => /\.[cm]?jsx?$/.test(path))
  return hasScripts ? { ...options, allowJs: true } : options
}

/** Whether a file belongs to an installed package or to the compiler. */
export function isForeign(file: ts.SourceFile): boolean {
  return isInPackage(file.fileName)
}
