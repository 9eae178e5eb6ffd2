import type { Position } from '@asya/compiler'
import { formatDuration, isDurationOption } from '@asya/protocol'
import type { Paint } from '../view/paint.ts'
import { padText } from '../view/plain-text.ts'
import type { SchemaRow } from './describe-schema.ts'
import type {
  ActorExplanation,
  Explanation,
  PayloadView,
  PipelineExplanation,
} from './explain-model.ts'
import type { SettingView } from './list-settings.ts'

/** An explanation for a person, as lines. */
export function formatExplanation(explanation: Explanation, paint: Paint): string[] {
  return explanation.kind === 'actor'
    ? formatActor(explanation, paint)
    : formatPipeline(explanation, paint)
}

function formatActor(actor: ActorExplanation, paint: Paint): string[] {
  const { types, settings, pipelines, input, output } = actor
  const used = pipelines.map(({ name, steps }) => `${name} (step ${steps.join(', ')})`)
  return [
    ...formatHead(actor, paint),
    ...formatTable(
      [
        ['read from', `${showPosition(actor.declared)}, export ${actor.exportName}`],
        ['handler', HANDLERS[actor.handler]],
        ['queue', actor.queue],
        ['gives', CARDINALITIES[actor.cardinality]],
        ['used in', used.length > 0 ? used.join(', ') : 'no pipeline'],
      ],
      paint,
    ),
    ...formatPayload('input', input, paint),
    ...(output ? formatPayload('output', output, paint) : []),
    ...types.flatMap(({ name, rows }) => [
      '',
      paint('bold', `type ${name}`),
      ...formatRows(rows, paint),
    ]),
    ...(settings.length > 0
      ? ['', paint('bold', 'options'), ...formatSettings(settings, paint)]
      : []),
  ]
}

const HANDLERS: Readonly<Record<ActorExplanation['handler'], string>> = {
  node: 'of this project',
  remote: "somebody else's: only its queue and its types are known",
  python: 'in Python, with its schemas beside it',
}

const CARDINALITIES: Readonly<Record<ActorExplanation['cardinality'], string>> = {
  one: 'one message for each that it takes',
  optional: 'one message, or none: null ends the pipeline there',
  many: 'a message for each item: its result is a list or a stream',
  none: 'nothing: every pipeline ends at it',
}

function formatPipeline(pipeline: PipelineExplanation, paint: Paint): string[] {
  const { steps, edges, timeoutMs } = pipeline
  return [
    ...formatHead(pipeline, paint),
    ...formatTable(
      [
        ['read from', `${showPosition(pipeline.declared)}, export ${pipeline.exportName}`],
        ['route', steps.map(({ name }) => name).join(' → ')],
        ['timeout', timeoutMs === undefined ? 'none' : formatDuration(timeoutMs)],
        ['takes', steps[0]?.takes ?? 'nothing'],
        ['gives', steps.at(-1)?.gives ?? 'nothing'],
      ],
      paint,
    ),
    '',
    paint('bold', 'edges'),
    ...(edges.length === 0 ? ['  none: it has one step'] : []),
    ...edges.flatMap(({ from, to, sent, expected, isFitting, reason }) => [
      `  ${isFitting ? paint('green', '✓') : paint('red', '✗')} ${from} → ${to}`,
      `      ${from} sends ${sent}, ${to} takes ${expected}: ${isFitting ? 'fits' : 'does not fit'}`,
      ...(reason === undefined ? [] : [`      ${reason}`]),
    ]),
  ]
}

function formatHead({ kind, name, description, deprecated }: Explanation, paint: Paint): string[] {
  return [
    `${kind} ${paint('bold', name)}`,
    ...(description === undefined ? [] : description.split('\n').map((line) => `  ${line}`)),
    ...(deprecated === undefined ? [] : [`  ${paint('yellow', 'deprecated')} ${deprecated}`]),
  ]
}

function formatPayload(kind: string, payload: PayloadView, paint: Paint): string[] {
  const declared = payload.declared ? `  ${paint('dim', showPosition(payload.declared))}` : ''
  const [only] = payload.rows
  // A named type is told once, below.
  const isNamed = payload.rows.length === 1 && only?.allows === payload.typeText
  return [
    '',
    `${paint('bold', kind)} ${payload.typeText}${declared}`,
    ...(isNamed ? [] : formatRows(payload.rows, paint)),
  ]
}

function formatRows(all: readonly SchemaRow[], paint: Paint): string[] {
  // That what has members is an object goes without saying.
  const rows = all.filter(
    ({ path, allows, because, description }) =>
      all.length === 1 || path + allows !== 'object' || because.length > 0 || description,
  )
  const paths = rows.map(({ path, isRequired }) =>
    path === '' ? '(itself)' : isRequired ? path : `${path}?`,
  )
  const width = Math.max(...paths.map((path) => path.length))
  return rows.map(({ allows, because, description }, index) => {
    const notes = [...because, ...(description === undefined ? [] : [description.split('\n')[0]])]
    const note = notes.length > 0 ? `  ${paint('dim', notes.join('; '))}` : ''
    return `  ${padText(paths[index] ?? '', width)}  ${allows}${note}`
  })
}

const ORIGINS: Readonly<Record<SettingView['from'], string>> = {
  options: 'options of defineActor',
  project: 'asya.config.ts',
  environment: 'asya.config.ts, environment',
  default: 'default',
}

function formatSettings(settings: readonly SettingView[], paint: Paint): string[] {
  const values = settings.map(({ name, value }) => showValue(name, value))
  const width = Math.max(...values.map((value) => value.length))
  const rows = settings.map(({ name, from, position }, index) => {
    const place = position ? ` (${showPosition(position)})` : ''
    const value = padText(values[index] ?? '', width)
    return [name, `${value}  ${paint('dim', `${ORIGINS[from]}${place}`)}`] as const
  })
  return formatTable(rows, paint)
}

/** Durations are kept in milliseconds, and shown as people write them. */
function showValue(name: string, value: unknown): string {
  if (isDurationOption(name) && typeof value === 'number') return formatDuration(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function formatTable(rows: readonly (readonly [string, string])[], paint: Paint): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${paint('dim', padText(name, width))}  ${value}`)
}

/** `actors/read-page.ts:20:14` */
function showPosition({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`
}
