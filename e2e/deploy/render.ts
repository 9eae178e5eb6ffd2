import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments, stringify } from 'yaml'

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

export interface Configuration {
  readonly name: string
  readonly kustomize: string
  readonly values: string
}

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export const CONFIGURATIONS: readonly Configuration[] = [
  { name: 'minimal', kustomize: 'minimal', values: 'values' },
  { name: 'standard', kustomize: 'standard', values: 'standard' },
  { name: 'full', kustomize: 'full', values: 'full' },
  { name: 'hub', kustomize: 'multi-cluster/hub', values: 'hub' },
  { name: 'worker', kustomize: 'multi-cluster/worker', values: 'worker' },
]

const SYSTEM = 'asya-system'
const HELM = process.env['ASYA_HELM'] ?? 'helm'

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
export const hasHelm = spawnSync(HELM, ['version']).status === 0

export function renderKustomize(folder: string): readonly Manifest[] {
  return parseAll(run('kubectl', ['kustomize', `${ROOT}deploy/kustomize/${folder}`]))
}

export function renderHelm(values: string, ...args: readonly string[]): readonly Manifest[] {
  const chart = `${ROOT}deploy/helm/asya`
  const where = ['--namespace', SYSTEM, '--kube-version', '1.33.0']
  return parseAll(
    run(HELM, [
      'template',
      'asya',
      chart,
      ...where,
      '--values',
      `${chart}/${values}.yaml`,
      ...args,
    ]),
  )
}

export function parseAll(text: string): readonly Manifest[] {
  // Both tools write YAML 1.1, as the API server reads it.
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => {
      if (document.errors[0]) throw document.errors[0]
      return document.toJS() as Manifest | null
    })
    .filter((manifest) => manifest !== null)
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stderr}`)
  return stdout
}

/**
 * What both ways of installing have in common, in one order. Left out: the namespace, which Helm has
 * from its command line; what renews pods when settings change (kustomize has a hash in the name, Helm one
 * in an annotation); and what is long and kept elsewhere.
 */
export function writeCommon(manifests: readonly Manifest[]): string {
  const hashed = new Map<string, string>()
  for (const { kind, metadata } of manifests) {
    const plain = /^(asya-.+)-[a-z0-9]{10}$/.exec(metadata.name)?.[1]
    if (kind === 'ConfigMap' && plain) hashed.set(metadata.name, plain)
  }
  const texts = manifests
    .filter(({ kind }) => kind !== 'Namespace')
    .map((manifest) =>
      stringify(toCommon(manifest, hashed), { sortMapEntries: true, lineWidth: 0 }),
    )
  return texts.sort().join('---\n')
}

function toCommon(manifest: Manifest, hashed: ReadonlyMap<string, string>): unknown {
  const text = JSON.stringify(manifest, (key, value: unknown) => {
    if (typeof value === 'string') return hashed.get(value) ?? value
    if (key === 'annotations' || key === 'labels') return omitHelm(Object(value) as object)
    return value
  })
  const { metadata, ...rest } = JSON.parse(text) as Manifest
  const isLong = manifest.kind === 'CustomResourceDefinition' || metadata.name.includes('dashboard')
  return {
    metadata: { ...metadata, namespace: undefined },
    ...(isLong ? { kind: manifest.kind } : rest),
  }
}

function omitHelm(map: object): object | undefined {
  const left = Object.entries(map).filter(
    ([key, value]) => !/^(?:checksum|meta\.helm\.sh|helm\.sh)\//.test(key) && value !== 'Helm',
  )
  return left.length === 0 ? undefined : Object.fromEntries(left)
}
