/**
 * `node scripts/build-deploy.mjs [--check]`: makes the templates of the Helm chart from the manifests of
 * `deploy/kustomize`, its CRD from `deploy/crd`, and the dashboards. With `--check` it only compares.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { toSettings, toTemplate } from './deploy/chart-template.mjs'
import { DASHBOARDS, writeDashboard } from './deploy/dashboards.mjs'

const kustomize = 'deploy/kustomize'
const chart = 'deploy/helm/asya'
const dashboards = `${kustomize}/base/monitoring/dashboards`

/** Settings that a ConfigMap has from more than one place, in order. @type {Readonly<Record<string, readonly string[]>>} */
const MORE_SETTINGS = {
  'asya-operator-settings': ['standard/operator.env', 'components/network-policies/operator.env'],
}

/** Folders whose manifests the chart has, by their folder in it. */
const PARTS = {
  operator: 'base/operator',
  rabbitmq: 'base/rabbitmq',
  'end-actors': 'base/end-actors',
  gateway: 'base/gateway',
  postgresql: 'base/postgresql',
  monitoring: 'base/monitoring',
  'network-policies': 'components/network-policies',
  'admission-policy': 'components/admission-policy',
}

/** @type {Map<string, string>} */
const made = new Map()
/** @param {string} path */
const read = (path) => readFileSync(join(kustomize, path), 'utf8')

for (const dashboard of DASHBOARDS) {
  const text = `${JSON.stringify(writeDashboard(dashboard), null, 2)}\n`
  made.set(`${dashboards}/${dashboard.file}`, text)
  made.set(`${chart}/dashboards/${dashboard.file}`, text)
}

const note = (/** @type {string} */ source) =>
  `{{- /* Made by scripts/build-deploy.mjs from ${kustomize}/${source}: do not edit. */}}\n`

/**
 * @typedef {{ name: string, behavior?: string, envs?: string[], files?: string[], options?: { labels?: Record<string, string> } }} Generator
 */

/** @param {string} part @param {Generator} generator */
function writeConfigMap(part, { name, envs = [], files = [], options = {} }) {
  const sources = [...envs.map((env) => `${part}/${env}`), ...(MORE_SETTINGS[name] ?? [])]
  const data = envs.length > 0 ? sources.map((source) => toSettings(read(source))) : []
  const condition = /^\{\{- if (.+?) \}\}\n/.exec(data[0] ?? '')?.[1] ?? CONDITIONS[name]
  const labels = Object.entries(options.labels ?? {}).map(
    ([key, value]) => `    ${key}: '${value}'\n`,
  )
  const head = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`
  const metadata = labels.length > 0 ? `  labels:\n${labels.join('')}` : ''
  const body = [...data, ...files.map((file) => writeFileEntry(part, file))].join('')
  const text = `${head}${metadata}data:\n${body}`
  return condition === undefined ? text : `{{- if ${condition} }}\n${text}{{- end }}\n`
}

/** When files are there, which cannot say it themselves. @type {Readonly<Record<string, string>>} */
const CONDITIONS = {
  'asya-rabbitmq-config': '.Values.rabbitmq.enabled',
  'asya-dashboard-actors': '.Values.monitoring.enabled',
  'asya-dashboard-gateway': '.Values.monitoring.enabled',
  'asya-dashboard-operator': '.Values.monitoring.enabled',
}

/** @param {string} part @param {string} file */
function writeFileEntry(part, file) {
  const key = basename(file)
  if (file.startsWith('dashboards/')) return `  ${key}: |{{ .Files.Get "${file}" | nindent 4 }}\n`
  const lines = read(`${part}/${file}`).trimEnd().split('\n')
  return `  ${key}: |\n${lines.map((line) => `    ${line}`).join('\n')}\n`
}

for (const [folder, part] of Object.entries(PARTS)) {
  /** @type {{ resources?: string[], configMapGenerator?: Generator[] }} */
  const { resources = [], configMapGenerator = [] } = parse(read(`${part}/kustomization.yaml`))
  for (const file of resources) {
    const source = `${part}/${file}`
    made.set(`${chart}/templates/${folder}/${file}`, note(source) + toTemplate(read(source)))
  }
  for (const generator of configMapGenerator.filter(({ behavior }) => behavior !== 'merge')) {
    const text = note(part) + writeConfigMap(part, generator)
    made.set(`${chart}/templates/${folder}/${generator.name}.yaml`, text)
  }
}

/** Helm makes it before everything else, and then knows it as its own: so it is renewed by upgrades. */
const crd = readFileSync('deploy/crd/asyncactors.asya.io.yaml', 'utf8').replace(
  /^metadata:\n {2}name: (.+)\n/m,
  `metadata:
  name: $1
  labels:
    app.kubernetes.io/managed-by: Helm
  annotations:
    helm.sh/resource-policy: keep
    meta.helm.sh/release-name: asya
    meta.helm.sh/release-namespace: asya-system
`,
)
made.set(`${chart}/crds/asyncactors.asya.io.yaml`, crd)

for (const [path, content] of made) {
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== content) {
    complain(`${path} is not what ${kustomize} makes`)
  }
}
const kept = ['templates', 'dashboards', 'crds'].flatMap((folder) =>
  readdirSync(join(chart, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== join(chart, 'templates'))
    .map((entry) => join(entry.parentPath, entry.name)),
)
for (const path of kept.filter((path) => !made.has(path))) {
  if (process.argv.includes('--check')) complain(`${path} is made no more`)
  else rmSync(path)
}

/** @param {string} problem */
function complain(problem) {
  console.error(`${problem}: run node scripts/build-deploy.mjs`)
  process.exitCode = 1
}
