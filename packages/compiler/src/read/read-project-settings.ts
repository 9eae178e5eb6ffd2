import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { findProjectOptionProblems } from '@asya/protocol'
import { ts } from 'ts-morph'
import type { SettingOrigin } from '../model/model.ts'
import type { ProjectSettings } from '../model/settings.ts'
import {
  listLeaves,
  mergeOptions,
  toActorSettings,
  toSettingPath,
  type Members,
} from './actor-settings.ts'
import type { Reading } from './definition.ts'
import { isRecord, unwrapExpression, type StaticValue } from './evaluate-expression.ts'
import { readOptions, type ReadOptions } from './read-options.ts'
import { positionOf, spanOf } from './source-position.ts'

/** Settings that hold for every actor which says nothing else. */
export interface Defaults {
  /** Options, as they were written. */
  readonly options: Members
  readonly origins: ReadonlyMap<string, SettingOrigin>
}

export interface ReadProject {
  readonly settings: ProjectSettings
  readonly defaults: Defaults
}

/** The names that the configuration of a project may have; the first that is there counts. */
export const CONFIG_FILES = ['ts', 'mts', 'js', 'mjs'].map((ending) => `asya.config.${ending}`)

/** What package.json and `asya.config.ts` say, with the overlay of the environment laid over them. */
export function readProjectSettings(
  reading: Reading,
  configFile: string | undefined,
  environment: string | undefined,
): ReadProject {
  const manifest = readManifest(reading.projectDir)
  const options = configFile === undefined ? noOptions() : readConfig(reading, configFile)
  const overlay = findOverlay(options, environment, { reading, configFile })
  const base = isRecord(options.value) ? options.value : {}
  const members = { ...base, ...mergeOverlay(base, overlay) }
  const defaults = readDefaults(options, environment, reading)
  return {
    settings: {
      name: manifest.name ?? basename(reading.projectDir),
      version: manifest.version ?? '0.0.0',
      ...(manifest.description !== undefined && { description: manifest.description }),
      // The rules of the configuration and the members of the settings agree.
      ...(keepSettings(members) as Partial<ProjectSettings>),
      ...(Object.keys(defaults.options).length > 0 && {
        defaults: toActorSettings(defaults.options),
      }),
    },
    defaults,
  }
}

interface PackageManifest {
  readonly name?: string
  readonly version?: string
  readonly description?: string
}

/** A package.json that is not there, or not JSON, says nothing: npm tells the author more of it. */
function readManifest(projectDir: string): PackageManifest {
  try {
    const text = readFileSync(join(projectDir, 'package.json'), 'utf8')
    const manifest = JSON.parse(text) as Readonly<Record<string, unknown>>
    return Object.fromEntries(
      ['name', 'version', 'description']
        .map((name) => [name, manifest[name]])
        .filter(([, value]) => typeof value === 'string' && value !== ''),
    ) as PackageManifest
  } catch {
    return {}
  }
}

function noOptions(): ReadOptions {
  return { value: {}, places: new Map() }
}

function readConfig(reading: Reading, configFile: string): ReadOptions {
  const { projectDir, checker, problems } = reading
  const file = reading.program.getSourceFile(join(projectDir, configFile))
  const exported = file?.statements.find(
    (statement) => ts.isExportAssignment(statement) && statement.isExportEquals !== true,
  )
  if (!file || !exported || !ts.isExportAssignment(exported)) {
    problems.push({
      code: 'config-without-default',
      severity: 'error',
      message: `${configFile} exports nothing by default`,
      fix: 'write it as: export default defineConfig({ … })',
      ...(file && { position: positionOf(file, projectDir) }),
    })
    return noOptions()
  }
  const options = takeArgument(exported.expression, reading)
  return readOptions(options, { projectDir, checker, problems, check: findProjectOptionProblems })
}

/** `defineConfig({ … })` is what stands in it; a name is what it was defined as. */
function takeArgument(
  expression: ts.Expression,
  { sdk, checker }: Pick<Reading, 'sdk' | 'checker'>,
  seen: readonly ts.Node[] = [],
): ts.Expression {
  const inner = unwrapExpression(expression)
  // `const config = config` is nothing else.
  if (seen.includes(inner)) return inner
  if (ts.isIdentifier(inner)) {
    const declaration = checker.getSymbolAtLocation(inner)?.valueDeclaration
    const isConst = declaration && (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0
    if (isConst && ts.isVariableDeclaration(declaration) && declaration.initializer)
      return takeArgument(declaration.initializer, { sdk, checker }, [...seen, inner])
  }
  if (!ts.isCallExpression(inner) || sdk.nameOfCallee(inner) !== 'defineConfig') return inner
  return inner.arguments[0] ?? inner
}

function findOverlay(
  { value, places }: ReadOptions,
  environment: string | undefined,
  { reading, configFile }: { readonly reading: Reading; readonly configFile: string | undefined },
): Members {
  if (environment === undefined) return {}
  const environments = readMembers(value, 'environments')
  const overlay = environments[environment]
  if (isRecord(overlay)) return overlay
  const known = Object.keys(environments).sort()
  const place = places.get('environments') ?? places.get('')
  reading.problems.push({
    code: 'environment-unknown',
    severity: 'error',
    message: `there is no environment ${environment} in ${configFile ?? 'the project, which has no asya.config.ts'}`,
    fix:
      known.length > 0
        ? `choose one of ${known.join(', ')}`
        : `add it: environments: { ${environment}: { … } }`,
    ...(place && spanOf(place, reading.projectDir)),
  })
  return {}
}

function readMembers(value: StaticValue, name: string): Members {
  const members = isRecord(value) ? value[name] : undefined
  return isRecord(members) ? members : {}
}

/** Of `image` and `broker` the members; of anything else the whole. */
function mergeOverlay(base: Members, overlay: Members): Members {
  const merged = Object.entries(overlay).map(([name, value]) => {
    const below = base[name]
    return [name, isRecord(value) && isRecord(below) ? { ...below, ...value } : value] as const
  })
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined))
}

function readDefaults(
  { value, places }: ReadOptions,
  environment: string | undefined,
  { projectDir }: Reading,
): Defaults {
  const origins = new Map<string, SettingOrigin>()
  const layers: readonly (readonly [SettingOrigin['from'], string, Members])[] = [
    ['project', 'defaults', readMembers(value, 'defaults')],
    [
      'environment',
      `environments.${environment ?? ''}.defaults`,
      readMembers(readMembers(readMembers(value, 'environments'), environment ?? ''), 'defaults'),
    ],
  ]
  let merged: Members = {}
  for (const [from, path, options] of layers) {
    merged = mergeOptions(merged, options)
    for (const leaf of listLeaves(options)) {
      const place = places.get(`${path}.${leaf}`)
      const position = place && positionOf(place, projectDir)
      origins.set(toSettingPath(leaf), { from, ...(position && { position }) })
    }
  }
  return { options: merged, origins }
}

/** All that is not about other environments, nor kept in another form. */
function keepSettings(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).filter(
      ([name, value]) => value !== undefined && name !== 'environments' && name !== 'defaults',
    ),
  )
}
