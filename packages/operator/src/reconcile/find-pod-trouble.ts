import { findCondition, type ContainerFacts, type PodFacts } from './observed.ts'

export interface PodTrouble {
  /** The kubelet's or the scheduler's own word: `CrashLoopBackOff`, `ImagePullBackOff`, … */
  readonly reason: string
  /** Which container of which pod, and what it said last. */
  readonly message: string
}

/** Waiting for these is the ordinary course of a start. */
const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

/** A text of a container may be a whole log. */
const MAX_TEXT = 500

/** The first thing that keeps a pod from running, if there is one. */
export function findPodTrouble(pods: readonly PodFacts[]): PodTrouble | undefined {
  for (const pod of pods) {
    if (pod.isEnding) continue
    const scheduled = findCondition(pod, 'PodScheduled')
    if (scheduled?.status === 'False') {
      return { reason: scheduled.reason, message: `pod ${pod.name}: ${scheduled.message}` }
    }
    const culprit = pod.containers.find(isInTrouble)
    if (culprit?.waiting !== undefined) return describe(pod, culprit, culprit.waiting)
  }
  return undefined
}

function isInTrouble({ waiting }: ContainerFacts): boolean {
  return waiting !== undefined && waiting.reason !== '' && !STARTING.has(waiting.reason)
}

function describe(
  pod: PodFacts,
  { name, lastEnd }: ContainerFacts,
  waiting: { readonly reason: string; readonly message: string },
): PodTrouble {
  const end = lastEnd === undefined ? '' : `; it ended with ${lastEnd.reason}: ${lastEnd.message}`
  const text = `container ${name} of pod ${pod.name}: ${waiting.message}${end}`
  return { reason: waiting.reason, message: text.slice(0, MAX_TEXT) }
}
