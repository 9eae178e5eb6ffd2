import { showPath } from '../cluster/field-path.ts'
import type { DeployPlan, KeptField, PlannedActor, PlannedChange } from '../cluster/deploy-plan.ts'
import type { ActorProgress } from '../cluster/wait-until-ready.ts'
import { pickItems, pickText } from '@asya/operator/fields'
import { count } from './model-text.ts'
import type { Paint } from './paint.ts'
import { cutText, padText, toPlainText } from './plain-text.ts'

/** What a deploy would change, for people. */
export function formatPlan(plan: DeployPlan, isPruning: boolean, paint: Paint): readonly string[] {
  const changed = plan.actors.filter(({ action, kept }) => action !== 'none' || kept.length > 0)
  return [
    ...changed.flatMap((actor) => formatActor(actor, paint)),
    ...plan.stale.map(({ name }) =>
      isPruning
        ? `${paint('red', `- ${name}`)}  is deleted: it is not in the project any more`
        : `${paint('yellow', `! ${name}`)}  stays, though it is not in the project any more: --prune deletes it`,
    ),
    sumPlan(plan, isPruning),
  ]
}

function formatActor(actor: PlannedActor, paint: Paint): readonly string[] {
  const { action, name, namespace, changes, kept, object } = actor
  const place = paint('dim', `in ${namespace}`)
  const head = {
    create: `${paint('green', `+ ${name}`)}  ${place}, ${readImage(object)}`,
    change: `${paint('yellow', `~ ${name}`)}  ${place}`,
    adopt: `${paint('yellow', `~ ${name}`)}  ${place}, as it is: from now on its fields are asya's`,
    none: `= ${name}  ${place}`,
  }[action]
  return [
    head,
    ...formatChanges(changes, paint),
    ...kept.map((field) => `    ${formatKept(field, name, paint)}`),
  ]
}

/** Of the container that holds the handler. */
function readImage(actor: object): string {
  const containers = pickItems(actor, 'spec', 'workload', 'template', 'spec', 'containers')
  return pickText(
    containers.find((container) => container['name'] === 'runtime'),
    'image',
  )
}

export function formatChanges(changes: readonly PlannedChange[], paint: Paint): readonly string[] {
  return changes.map((change) => `    ${formatChange(change, paint)}`)
}

function formatChange({ path, before, after, managers }: PlannedChange, paint: Paint): string {
  const old = before === undefined ? '' : paint('red', showValue(before))
  const now = after === undefined ? paint('red', 'removed') : paint('green', showValue(after))
  const arrow = old === '' ? now : `${old} → ${now}`
  const whose = managers.length === 0 ? '' : `  (overrides ${managers.join(', ')})`
  return `${showPath(path)}: ${arrow}${paint('dim', whose)}`
}

function formatKept({ path, value, wanted, manager }: KeptField, name: string, paint: Paint) {
  const isPause = manager.endsWith('pause')
  const by = isPause ? 'asya pause' : 'asya scale'
  const instead = wanted === undefined ? '' : `, not ${showValue(wanted)} as the project says`
  const undo = isPause ? `asya resume ${name} ends it` : '--override takes it back'
  return paint(
    'dim',
    `${showPath(path)} stays ${showValue(value)}, set by ${by}${instead}: ${undo}`,
  )
}

const LONGEST_VALUE = 100

function showValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return cutText(toPlainText(text), LONGEST_VALUE)
}

function sumPlan({ actors, stale }: DeployPlan, isPruning: boolean): string {
  const of = (wanted: PlannedActor['action']) =>
    actors.filter(({ action }) => action === wanted).length
  const parts = [
    [of('create'), 'to create'],
    [of('change') + of('adopt'), 'to change'],
    [isPruning ? stale.length : 0, 'to delete'],
    [of('none'), 'as they are'],
  ] as const
  const said = parts.filter(([many]) => many > 0).map(([many, what]) => `${many} ${what}`)
  return `${count(actors.length, 'actor')}: ${said.join(', ')}`
}

/** A line for each actor that is waited for. */
export function formatProgress(actors: readonly ActorProgress[], paint: Paint): readonly string[] {
  const width = Math.max(...actors.map(({ name }) => name.length))
  return actors.map((actor) => formatActorProgress(actor, width, paint))
}

export function formatActorProgress(actor: ActorProgress, width: number, paint: Paint): string {
  const { name, state, reason, message } = actor
  const mark = {
    ready: paint('green', '✓'),
    stalled: paint('red', '✗'),
    waiting: paint('yellow', '…'),
    unseen: paint('dim', '…'),
  }[state]
  return `${mark} ${padText(name, width)}  ${reason}  ${paint('dim', toPlainText(message))}`
}
