import type { KubeObject } from '@asya/operator/kube'
import type { Sentence } from './actor-evidence.ts'
import { findFix } from './explain-readiness.ts'
import {
  findCondition,
  isFields,
  pick,
  pickItems,
  pickNumber,
  pickText,
  type Fields,
} from '@asya/operator/fields'

const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing', ''])

/** A sentence for each pod with something to tell; those that simply serve are left out. */
export function explainPods(pods: readonly KubeObject[], namespace: string): readonly Sentence[] {
  return [...pods]
    .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
    .flatMap((pod) => explainPod(pod, namespace))
}

function explainPod(pod: KubeObject, namespace: string): readonly Sentence[] {
  const { name, deletionTimestamp } = pod.metadata
  if (deletionTimestamp !== undefined)
    return [{ text: `Pod ${name} is ending: it finishes what it has begun.` }]
  const scheduled = findCondition(pod, 'PodScheduled')
  if (scheduled?.status === 'False')
    return [
      withFix(
        `Pod ${name} has no node (${scheduled.reason}): ${scheduled.message}.`,
        scheduled.reason,
      ),
    ]
  const containers = [
    ...pickItems(pod, 'status', 'initContainerStatuses'),
    ...pickItems(pod, 'status', 'containerStatuses'),
  ]
  const place = `kubectl logs ${name} --namespace ${namespace}`
  return containers.flatMap((container) => explainContainer(container, name, place))
}

function explainContainer(container: Fields, pod: string, logs: string): readonly Sentence[] {
  const name = pickText(container, 'name')
  const waiting = pick(container, 'state', 'waiting')
  const end = describeEnd(container)
  const command = `${logs} --container ${name}`
  if (isFields(waiting) && !STARTING.has(pickText(waiting, 'reason'))) {
    const reason = pickText(waiting, 'reason')
    const said = pickText(waiting, 'message').trim()
    const text = `Container ${name} of pod ${pod} does not run (${reason})${said && `: ${said}`}${end}.`
    return reason === 'CrashLoopBackOff'
      ? [{ text, fix: fixOfEnd(container) ?? `${command} --previous` }]
      : [withFix(text, reason)]
  }
  const restarts = pickNumber(container, 'restartCount') ?? 0
  if (restarts > 0 && end !== '') {
    const times = restarts === 1 ? 'once' : `${restarts} times`
    const text = `Container ${name} of pod ${pod} was restarted ${times}${end}.`
    return [{ text, fix: fixOfEnd(container) ?? `${command} --previous` }]
  }
  const isRunning = isFields(pick(container, 'state', 'running'))
  if (isRunning && container['ready'] === false)
    return [{ text: `Container ${name} of pod ${pod} runs and is not ready yet.`, fix: command }]
  return []
}

function withFix(text: string, reason: string): Sentence {
  const fix = findFix(reason, '')
  return { text, ...(fix !== undefined && { fix }) }
}

function describeEnd(container: Fields): string {
  const end = pick(container, 'lastState', 'terminated') ?? pick(container, 'state', 'terminated')
  if (!isFields(end)) return ''
  const code = pickNumber(end, 'exitCode')
  const reason = pickText(end, 'reason')
  return `; it ended with ${[reason, code === undefined ? '' : `exit code ${code}`].filter(Boolean).join(', ')}`
}

function fixOfEnd(container: Fields): string | undefined {
  const isOutOfMemory = pickText(container, 'lastState', 'terminated', 'reason') === 'OOMKilled'
  return isOutOfMemory ? 'give it more memory: resources.memory of the actor' : undefined
}
