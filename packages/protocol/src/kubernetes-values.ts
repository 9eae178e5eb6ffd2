/** What Kubernetes takes as a value; its API server would refuse the rest, long after the build. */

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = new RegExp(String.raw`^${DNS_LABEL}(\.${DNS_LABEL})*$`)
const QUALIFIED_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/

/** The name of a namespace: a DNS label (RFC 1123) of at most 63 characters. */
export function isNamespace(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value)
  )
}

/** The name of most objects, such as a Secret: a DNS subdomain of at most 253 characters. */
export function isObjectName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 253 && SUBDOMAIN.test(value)
}

/** The name of an environment variable, as every shell can read it too. */
export function isEnvironmentName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value)
}

/** A key inside a Secret or a ConfigMap. */
export function isDataKey(value: unknown): value is string {
  if (typeof value !== 'string' || value === '.' || value.startsWith('..')) return false
  return /^[-._a-zA-Z0-9]{1,253}$/.test(value)
}

/** A label's key: a name of at most 63 characters, that may have a DNS subdomain and `/` before it. */
export function isLabelKey(value: unknown): value is string {
  if (typeof value !== 'string') return false
  const slash = value.indexOf('/')
  const isNamed = QUALIFIED_NAME.test(value.slice(slash + 1))
  return isNamed && (slash === -1 || isObjectName(value.slice(0, slash)))
}

export function isLabelValue(value: unknown): value is string {
  return value === '' || (typeof value === 'string' && QUALIFIED_NAME.test(value))
}

/** A resource that a cluster's devices add, such as `nvidia.com/gpu`. */
export function isExtendedResource(value: unknown): value is string {
  return isLabelKey(value) && value.includes('/') && !value.startsWith('requests.')
}

/** CPUs, above 0: whole ones, parts of one (`0.5`), or thousandths (`500m`). */
export function isCpuQuantity(value: unknown): value is string {
  if (typeof value !== 'string') return false
  return /^(\d+(\.\d{1,3})?|\d+m)$/.test(value) && parseFloat(value) > 0
}

/**
 * Bytes, above 0: `512Mi`, `2Gi`, `1.5G`. Kubernetes would take `512m` too, which is half a byte, and
 * is never meant.
 */
export function isMemoryQuantity(value: unknown): value is string {
  if (typeof value !== 'string') return false
  return /^\d+(\.\d+)?([KMGTPE]i|[kMGTPE])?$/.test(value) && parseFloat(value) > 0
}

const IMAGE_HOST = String.raw`([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:\d{1,5})?\/)?`
const IMAGE_PART = String.raw`[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
const IMAGE_END = String.raw`(:[A-Za-z0-9_][-.A-Za-z0-9_]{0,127})?(@sha256:[a-f0-9]{64})?`
const IMAGE = new RegExp(String.raw`^${IMAGE_HOST}${IMAGE_PART}(\/${IMAGE_PART})*${IMAGE_END}$`)
const IMAGE_PATH = new RegExp(String.raw`^${IMAGE_HOST}(${IMAGE_PART}(\/${IMAGE_PART})*)$`)

/** A container image: `registry.example.com/team/reader:1.2`, with a tag, a digest, both or neither. */
export function isImage(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 512 && IMAGE.test(value)
}

/** What stands before `/<actor>` in the name of an image: a registry, with or without a path. */
export function isImageRegistry(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 255 && IMAGE_PATH.test(`${value}/actor`)
}

export function isImageTag(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_][-.A-Za-z0-9_]{0,127}$/.test(value)
}

/** In a value of an environment Kubernetes reads `$(NAME)` as another variable, and `$$` as `$`: a text is a text. */
export function escapeReferences(text: string): string {
  return /\$[($]/.test(text) ? text.replaceAll('$', '$$$$') : text
}
