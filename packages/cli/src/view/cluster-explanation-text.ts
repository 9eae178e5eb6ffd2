import type { Sentence } from '../cluster/actor-evidence.ts'
import type { ActorEvent, ClusterExplanation } from '../cluster/cluster-explanation.ts'
import { formatTime } from './log-text.ts'
import type { Paint } from './paint.ts'
import { toPlainText } from './plain-text.ts'

/** For people: a paragraph for each question, and what to do below what is wrong. */
export function formatClusterExplanation(
  { name, namespace, readiness, replicas, pods, events }: ClusterExplanation,
  paint: Paint,
): readonly string[] {
  return [
    `${paint('bold', name)} ${paint('dim', `in ${namespace}`)}`,
    ...formatPart('Is it ready?', readiness, paint),
    ...formatPart('Why so many replicas?', replicas, paint),
    ...formatPart('Its pods', pods, paint),
    ...(events.length === 0
      ? []
      : ['', paint('bold', 'What happened last'), ...events.map((one) => formatEvent(one, paint))]),
  ]
}

function formatPart(
  title: string,
  sentences: readonly Sentence[],
  paint: Paint,
): readonly string[] {
  if (sentences.length === 0) return []
  const lines = sentences.flatMap(({ text, fix }) => [
    `  ${toPlainText(text).replace(/[.\s]*\.$/, '.')}`,
    ...(fix === undefined ? [] : [`    ${paint('cyan', `→ ${fix}`)}`]),
  ])
  return ['', paint('bold', title), ...lines]
}

function formatEvent({ time, type, reason, about, note }: ActorEvent, paint: Paint): string {
  const at = paint('dim', formatTime(Date.parse(time)))
  const word = type === 'Warning' ? paint('yellow', reason) : reason
  return `  ${at}  ${word}  ${about}: ${toPlainText(note)}`
}
