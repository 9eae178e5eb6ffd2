import type { ActorEvidence, Sentence } from './actor-evidence.ts'
import { findFix } from './explain-readiness.ts'
import { findManagers, PAUSER, readOwners, SCALER } from './field-owners.ts'
import { findCondition, pick, pickNumber } from '@asya/operator/fields'
import { readQueueDepth, type QueueDepth } from './queue-depth.ts'

/** Why the actor has as many replicas as it has. */
export function explainReplicas(evidence: ActorEvidence): readonly Sentence[] {
  const { actor, workload, scaler } = evidence
  const now = pickNumber(actor, 'status', 'replicas') ?? 0
  const head: Sentence = { text: `It has ${countReplicas(now)}${describeBounds(actor)}.` }
  if (pick(actor, 'spec', 'scaling', 'enabled') === false) return [head, explainFixed(evidence)]
  if (scaler === undefined) return [head, explainNoScaler(evidence)]
  if (pick(actor, 'spec', 'scaling', 'paused') === true) return [head, explainPause(evidence)]
  const ready = findCondition(scaler, 'Ready')
  if (ready?.status !== 'True') return [head, explainUncounted(evidence)]
  const depth = readQueueDepth(scaler, evidence.autoscaler)
  const wanted = pickNumber(workload, 'spec', 'replicas') ?? now
  return [head, ...explainByQueue(evidence, { depth, now, wanted })]
}

function describeBounds(actor: object): string {
  if (pick(actor, 'spec', 'scaling', 'enabled') === false) return ''
  const min = pickNumber(actor, 'spec', 'scaling', 'minReplicas') ?? 0
  const max = pickNumber(actor, 'spec', 'scaling', 'maxReplicas')
  const by = isSetBy(actor, ['spec', 'scaling'], SCALER) ? ', set by asya scale' : ''
  return max === undefined ? '' : `, of ${min} to ${max}${by}`
}

function explainFixed({ actor, workload }: ActorEvidence): Sentence {
  const { name } = actor.metadata
  const replicas =
    pickNumber(actor, 'spec', 'workload', 'replicas') ?? pickNumber(workload, 'spec', 'replicas')
  const by = isSetBy(actor, ['spec', 'scaling', 'enabled'], SCALER) ? ' by asya scale' : ''
  const many =
    replicas === undefined ? 'those that there are stay' : `${countReplicas(replicas)} are wanted`
  return {
    text: `Scaling is turned off${by}: ${many}, whatever is in the queue.`,
    fix: `asya scale ${name} --min 0 --max 10 lets the queue decide`,
  }
}

function explainNoScaler({ actor }: ActorEvidence): Sentence {
  const scaling = findCondition(actor, 'ScalingReady')
  const fix = findFix(scaling?.reason ?? '', actor.metadata.name)
  const text =
    scaling === undefined
      ? 'The operator has made nothing yet that scales it.'
      : `Nothing scales it (${scaling.reason}): ${scaling.message}.`
  return { text, ...(fix !== undefined && { fix }) }
}

function explainPause({ actor }: ActorEvidence): Sentence {
  const { name } = actor.metadata
  const by = isSetBy(actor, ['spec', 'scaling', 'paused'], PAUSER) ? ' by asya pause' : ''
  return {
    text: `Its scaling is paused${by}: the replicas stay as they are, whatever is in the queue.`,
    fix: `asya resume ${name} lets the queue decide again`,
  }
}

/** KEDA leaves the replicas alone while it cannot count, unless there is a fallback. */
function explainUncounted({ actor, scaler }: ActorEvidence): Sentence {
  const { name } = actor.metadata
  const ready = findCondition(scaler, 'Ready')
  if (ready === undefined || ready.status === 'Unknown') {
    const fix = findFix('KedaHasNotSaid', name)
    return {
      text: 'KEDA has not looked at its ScaledObject yet, so nobody changes them.',
      ...(fix !== undefined && { fix }),
    }
  }
  const isFallback = findCondition(scaler, 'Fallback')?.status === 'True'
  const then = isFallback ? 'the fallback of scaling holds' : 'the replicas stay as they are'
  const said = ready.message || ready.reason
  const fix = findFix('TriggerError', name)
  return {
    text: `KEDA cannot count the queue (${said}), so ${then}.`,
    ...(fix !== undefined && { fix }),
  }
}

interface Counted {
  readonly depth: QueueDepth
  readonly now: number
  readonly wanted: number
}

function explainByQueue(evidence: ActorEvidence, counted: Counted): readonly Sentence[] {
  const { actor, scaler, autoscaler } = evidence
  const { depth, now, wanted } = counted
  if (depth.type === 'empty') return [explainEmpty(actor, now)]
  if (scaler?.kind === 'ScaledJob')
    return [{ text: 'There are messages: KEDA makes a Job for them, up to maxReplicas at a time.' }]
  const said = describeDepth(depth, pickNumber(actor, 'spec', 'scaling', 'queueLength') ?? 5)
  if (autoscaler === undefined)
    return [{ text: `${said} KEDA lifts it from 0 now; its autoscaler is not there yet.` }]
  const desired = pickNumber(autoscaler, 'status', 'desiredReplicas') ?? wanted
  const steps = desired > now ? `, ${desired - now} more than there are` : ''
  return [
    { text: `${said} The autoscaler wants ${countReplicas(desired)}${steps}.` },
    ...explainLimits(evidence),
  ]
}

function explainEmpty(actor: object, now: number): Sentence {
  const min = pickNumber(actor, 'spec', 'scaling', 'minReplicas') ?? 0
  const cooldownS = pickNumber(actor, 'spec', 'scaling', 'cooldownPeriod') ?? 60
  if (now === 0) return { text: 'The queue is empty, so it sleeps; the first message wakes it.' }
  if (now <= min)
    return { text: `The queue is empty, and ${countReplicas(min)} always stay (minReplicas).` }
  return {
    text:
      `The queue is empty. ` +
      (min === 0
        ? `The last replica goes when it has been so for ${cooldownS} s (cooldownPeriod).`
        : `It goes back to ${countReplicas(min)} (minReplicas), by half every 15 s.`),
  }
}

function describeDepth(depth: QueueDepth, perReplica: number): string {
  const share = `each replica is given ${perReplica} (queueLength)`
  if (depth.type === 'about') return `There are about ${depth.messages} messages, and ${share}.`
  return `There are messages, not counted yet, and ${share}.`
}

/** What the autoscaler itself says against more or fewer. */
function explainLimits({ actor, autoscaler }: ActorEvidence): readonly Sentence[] {
  const { name } = actor.metadata
  const active = findCondition(autoscaler, 'ScalingActive')
  if (active?.status === 'False' && active.reason !== 'ScalingDisabled')
    return [
      {
        text: `It cannot count (${active.reason}): ${active.message}.`,
        fix: 'see that KEDA serves its metrics: kubectl get apiservice v1beta1.external.metrics.k8s.io',
      },
    ]
  const limited = findCondition(autoscaler, 'ScalingLimited')
  const max = pickNumber(autoscaler, 'spec', 'maxReplicas') ?? 0
  if (limited?.status === 'True' && limited.reason === 'TooManyReplicas')
    return [
      {
        text: `It would want more, but maxReplicas is ${max}.`,
        fix: `asya scale ${name} --max ${max * 2} allows more`,
      },
    ]
  if (limited?.status === 'True' && /^Scale(Up|Down)Limit$/.test(limited.reason))
    return [{ text: 'It is on the way: at most twice as many, or half, every 15 s.' }]
  const able = findCondition(autoscaler, 'AbleToScale')
  if (able?.reason === 'ScaleDownStabilized')
    return [{ text: 'Fewer would do; it waits 60 s in case more messages come.' }]
  const isFailing = able?.status === 'False'
  return isFailing ? [{ text: `It cannot scale (${able.reason}): ${able.message}.` }] : []
}

function isSetBy(actor: object, path: readonly string[], manager: string): boolean {
  return findManagers(readOwners(actor), path).includes(manager)
}

function countReplicas(many: number): string {
  return many === 1 ? '1 replica' : `${many} replicas`
}
