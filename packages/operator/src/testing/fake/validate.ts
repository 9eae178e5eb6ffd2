import { isDeepStrictEqual } from 'node:util'
import { isFields, pick } from '../../kube/fields.ts'

/**
 * Why the API server refuses an object of a built-in kind: the rules that an operator may break.
 * `old` is what is there, for a change.
 */
export function validate(kind: string, object: Json, old: Json | undefined): readonly string[] {
  switch (kind) {
    case 'Deployment':
    case 'StatefulSet':
      return [...validateWorkload(object), ...validateFixed(kind, { object, old })]
    case 'Job':
      return [...validateTemplate(pick(object, 'spec', 'template')), ...validateJob(object, old)]
    case 'Pod':
      return validatePod(pick(object, 'spec'), 'spec')
    case 'ConfigMap':
      return validateConfigMap(object, old)
    case 'Lease':
      return validateLease(object)
    case 'Event':
      return validateEvent(object, old)
    default:
      return []
  }
}

type Json = Readonly<Record<string, unknown>>

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

export function validateMetadata(metadata: Json): readonly string[] {
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : ''
  if (name === '') return ['metadata.name: Required value: name or generateName is required']
  const problems: string[] = []
  if (name.length > 253 || !SUBDOMAIN.test(name))
    problems.push(
      `metadata.name: Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
    )
  for (const value of Object.values(Object(metadata['labels']) as Json)) {
    if (typeof value !== 'string' || value.length > 63 || !LABEL_VALUE.test(value))
      problems.push(
        `metadata.labels: Invalid value: ${JSON.stringify(value)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      )
  }
  return problems
}

function validateWorkload(object: Json): readonly string[] {
  const labels = pick(object, 'spec', 'template', 'metadata', 'labels')
  const selector = pick(object, 'spec', 'selector', 'matchLabels')
  const isMatch =
    isFields(selector) &&
    Object.entries(selector).every(([name, value]) => pick(labels, name) === value)
  const problems: string[] = []
  if (pick(object, 'spec', 'selector') === undefined) problems.push('spec.selector: Required value')
  if (!isMatch)
    problems.push(
      `spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels ?? null)}: \`selector\` does not match template \`labels\``,
    )
  return [...problems, ...validateTemplate(pick(object, 'spec', 'template'))]
}

function validateTemplate(template: unknown): readonly string[] {
  return validatePod(pick(template, 'spec'), 'spec.template.spec')
}

function validatePod(spec: unknown, path: string): readonly string[] {
  const containers = listItems(spec, 'containers')
  if (containers.length === 0) return [`${path}.containers: Required value`]
  const volumes = new Set(listItems(spec, 'volumes').map(({ name }) => name))
  const all = ['containers', 'initContainers'].flatMap((list) =>
    listItems(spec, list).map((container, index) => ({
      container,
      at: `${path}.${list}[${index}]`,
    })),
  )
  return all.flatMap(({ container, at }) => validateContainer(container, { at, volumes }))
}

function listItems(value: unknown, name: string): readonly Json[] {
  const list = pick(value, name)
  return Array.isArray(list) ? list.filter(isFields) : []
}

function validateContainer(
  container: Json,
  { at, volumes }: { readonly at: string; readonly volumes: ReadonlySet<unknown> },
): readonly string[] {
  const { name, image } = container
  const problems: string[] = []
  if (typeof name !== 'string' || name === '') problems.push(`${at}.name: Required value`)
  else if (!LABEL.test(name) || name.length > 63)
    problems.push(
      `${at}.name: Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'`,
    )
  if (typeof image !== 'string' || image === '') problems.push(`${at}.image: Required value`)
  for (const [index, { containerPort: port }] of listItems(container, 'ports').entries()) {
    if (typeof port !== 'number' || port < 1 || port > 65_535)
      problems.push(
        `${at}.ports[${index}].containerPort: Invalid value: ${JSON.stringify(port)}: must be between 1 and 65535, inclusive`,
      )
  }
  for (const [index, mount] of listItems(container, 'volumeMounts').entries()) {
    if (!volumes.has(mount['name']))
      problems.push(
        `${at}.volumeMounts[${index}].name: Not found: ${JSON.stringify(mount['name'])}`,
      )
  }
  return problems
}

interface Change {
  readonly object: Json
  readonly old: Json | undefined
}

function validateFixed(kind: string, { object, old }: Change): readonly string[] {
  if (old === undefined) return []
  if (kind === 'Deployment') {
    return isDeepStrictEqual(pick(object, 'spec', 'selector'), pick(old, 'spec', 'selector'))
      ? []
      : ['spec.selector: Invalid value: field is immutable']
  }
  const fixed = ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates']
  return fixed.some(
    (name) => !isDeepStrictEqual(pick(object, 'spec', name), pick(old, 'spec', name)),
  )
    ? [
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ]
    : []
}

function validateJob(object: Json, old: Json | undefined): readonly string[] {
  const restartPolicy = pick(object, 'spec', 'template', 'spec', 'restartPolicy')
  const problems: string[] = []
  if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never')
    problems.push(
      `spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"`,
    )
  if (old === undefined) return problems
  for (const name of ['template', 'selector', 'completions', 'completionMode']) {
    if (!isDeepStrictEqual(pick(object, 'spec', name), pick(old, 'spec', name)))
      problems.push(`spec.${name}: Invalid value: field is immutable`)
  }
  return problems
}

function validateConfigMap(object: Json, old: Json | undefined): readonly string[] {
  if (old?.['immutable'] !== true) return []
  const problems: string[] = []
  if (object['immutable'] !== true)
    problems.push('immutable: Forbidden: field is immutable when `immutable` is set')
  for (const name of ['data', 'binaryData']) {
    if (!isDeepStrictEqual(object[name], old[name]))
      problems.push(`${name}: Forbidden: field is immutable when \`immutable\` is set`)
  }
  return problems
}

function validateLease(object: Json): readonly string[] {
  const { leaseDurationSeconds, leaseTransitions } = Object(object['spec']) as Json
  const problems: string[] = []
  if (typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0)
    problems.push(
      `spec.leaseDurationSeconds: Invalid value: ${leaseDurationSeconds}: must be greater than 0`,
    )
  if (typeof leaseTransitions === 'number' && leaseTransitions < 0)
    problems.push(
      `spec.leaseTransitions: Invalid value: ${leaseTransitions}: must be greater than or equal to 0`,
    )
  return problems
}

function validateEvent(object: Json, old: Json | undefined): readonly string[] {
  const problems: string[] = []
  for (const name of ['reportingController', 'reportingInstance', 'action', 'reason'] as const) {
    if (!object[name]) problems.push(`${name}: Required value`)
  }
  if (object['eventTime'] === undefined || object['eventTime'] === null)
    problems.push('eventTime: Required value')
  const { note } = object
  if (typeof note === 'string' && Buffer.byteLength(note) > 1_024)
    problems.push('note: Invalid value: "": can have at most 1024 bytes')
  if (old === undefined) return problems
  for (const name of ['reason', 'note', 'action', 'type', 'regarding', 'eventTime'] as const) {
    if (!isDeepStrictEqual(object[name], old[name]))
      problems.push(`${name}: Invalid value: ${JSON.stringify(object[name])}: field is immutable`)
  }
  return problems
}

/** Members that are times with exactly six digits: anything else cannot be read at all. */
const MICRO_TIMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Lease: [
    ['spec', 'acquireTime'],
    ['spec', 'renewTime'],
  ],
  Event: [['eventTime'], ['series', 'lastObservedTime']],
}

/** A time that cannot be read, or undefined. */
export function findUnreadableTime(kind: string, object: Json): string | undefined {
  for (const path of MICRO_TIMES[kind] ?? []) {
    const time = pick(object, ...path)
    if (typeof time === 'string' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(time))
      return time
  }
  return undefined
}
