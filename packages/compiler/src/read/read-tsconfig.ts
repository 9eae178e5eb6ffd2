import { dirname, join } from 'node:path'
import { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'
import { positionAt } from './source-position.ts'

export interface TsConfig {
  readonly options: ts.CompilerOptions
  /** The file and those that it extends, absolute; none when the project has none. */
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
}

/** Of a project without a tsconfig: what `asya init` writes. */
const DEFAULTS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  // Not the browser's: they are most of what there is to read, and `name` would be a variable.
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  strict: true,
  allowImportingTsExtensions: true,
}

/**
 * What the build needs, whatever the tsconfig says. What is unused is a matter of style: it says
 * nothing of types, and must not stop a build.
 */
const FORCED: ts.CompilerOptions = {
  noEmit: true,
  skipLibCheck: true,
  composite: false,
  incremental: false,
  declaration: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
  // The members of a union stand in an order of their own, not in that in which files were read.
  stableTypeOrdering: true,
}

/** The options of the nearest tsconfig.json, with everything that it extends. */
export function readTsConfig(projectDir: string): TsConfig {
  const path = findConfig(projectDir)
  if (path === undefined)
    return { options: { ...DEFAULTS, types: ['node'], ...FORCED }, files: [], problems: [] }
  const file = ts.readJsonConfigFile(path, (name) => ts.sys.readFile(name))
  const parsed = ts.parseJsonSourceFileConfigFileContent(file, ts.sys, dirname(path), {}, path)
  const { options } = parsed
  const diagnostics = [...readParseDiagnostics(file), ...parsed.errors]
  return {
    // Without `types`, TypeScript 6 takes no ambient types at all: everything of Node's would be any.
    options: { ...options, types: options.types ?? ['node'], ...FORCED },
    files: [path, ...(file.extendedSourceFiles ?? [])],
    problems: diagnostics.filter(concernsBuild).map((diagnostic) => ({
      code: 'tsconfig-invalid',
      severity: 'error',
      message: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
      ...(diagnostic.file && diagnostic.start !== undefined
        ? { position: positionAt(diagnostic.file, diagnostic.start, projectDir) }
        : {}),
    })),
  }
}

/** A tsconfig that holds nothing but references stands for none of its own files. */
function findConfig(projectDir: string): string | undefined {
  const own = join(projectDir, 'tsconfig.json')
  if (ts.sys.fileExists(own)) return own
  return ts.findConfigFile(projectDir, (name) => ts.sys.fileExists(name))
}

function readParseDiagnostics(file: ts.TsConfigSourceFile): readonly ts.Diagnostic[] {
  // Known to the compiler, though not in its types.
  const { parseDiagnostics } = file as { readonly parseDiagnostics?: readonly ts.Diagnostic[] }
  return parseDiagnostics ?? []
}

/** "No inputs were found": which files belong to the build is not the tsconfig's to say. */
const NO_INPUTS = new Set([18002, 18003])

function concernsBuild({ code, category }: ts.Diagnostic): boolean {
  return category === ts.DiagnosticCategory.Error && !NO_INPUTS.has(code)
}
