/**
 * Turns a manifest of `deploy/kustomize` into a template of the chart. Comments in the manifest say what
 * of it are values:
 *
 *     # helm-when: EXPR            at the top: the whole file, only then
 *     key: value # helm: EXPR      the value is that of the expression
 *     key: # helm: EXPR            so is the block below it
 *     # helm: TEXT                 a line that only the template has
 */

const WHEN = /^# helm-when: (?<expression>.+)\n/
const VALUE = /^(?<before>\s*(?:- )?[\w./-]+:)(?<value> .*?)? # helm: (?<expression>.+)$/
const ONLY = /^(?<indent>\s*)# helm: (?<text>.*)$/

/** @param {string} manifest */
export function toTemplate(manifest) {
  const { expression, body } = splitCondition(manifest)
  const lines = body.trimEnd().split('\n')
  /** @type {string[]} */
  const out = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const only = ONLY.exec(line)?.groups
    const value = VALUE.exec(line)?.groups
    if (only) out.push(`${only['indent']}${only['text']}`)
    else if (!value) out.push(escapeBraces(line))
    else if (value['value']) out.push(`${value['before']} {{ ${writeValue(value)} }}`)
    else {
      const depth = indentOf(line)
      out.push(`${value['before']} {{- toYaml (${value['expression']}) | nindent ${depth + 2} }}`)
      while (at + 1 < lines.length && indentOf(lines[at + 1] ?? '') > depth) at += 1
    }
  }
  return wrap(out.join('\n'), expression)
}

/**
 * The same for settings, one `NAME=value` a line: they become the data of a ConfigMap.
 *
 * @param {string} settings
 */
export function toSettings(settings) {
  const { expression, body } = splitCondition(settings)
  /** @type {string[]} */
  const out = []
  /** @type {string | undefined} */
  let pending
  for (const line of body.trimEnd().split('\n')) {
    const text = ONLY.exec(line)?.groups?.['text']
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (text === undefined && name === undefined) out.push(`  ${line}`)
    else if (text === undefined) {
      out.push(`  ${name}: ${pending ? `{{ ${pending} | quote }}` : JSON.stringify(value)}`)
      pending = undefined
    } else if (text.startsWith('{{') || /^[\w{}$ ]+: \{\{/.test(text)) out.push(`  ${text}`)
    else pending = text
  }
  return wrap(out.join('\n'), expression)
}

/** @param {string} text */
function splitCondition(text) {
  const expression = WHEN.exec(text)?.groups?.['expression']
  return { expression, body: text.replace(WHEN, '') }
}

/** @param {string} text @param {string | undefined} expression */
function wrap(text, expression) {
  return expression === undefined ? `${text}\n` : `{{- if ${expression} }}\n${text}\n{{- end }}\n`
}

/** Texts are quoted, or a name such as 007 would become a number. @param {Record<string, string>} parts */
function writeValue({ value = '', expression = '' }) {
  return /^ (?:\d+|\[.*\])$/.test(value) ? expression : `${expression} | quote`
}

/** @param {string} line */
function indentOf(line) {
  return line.length - line.trimStart().length
}

/** Braces of Prometheus stay braces. @param {string} line */
function escapeBraces(line) {
  return line.replaceAll(/\{\{.*?\}\}/g, (braces) => `{{ ${JSON.stringify(braces)} }}`)
}
