import type { ActorEvidence, Sentence } from './actor-evidence.ts'
import { readConditions, type Condition } from '@asya/operator/fields'
import { judgeActor } from './judge-actor.ts'

const PARTS = ['WorkloadReady', 'ScalingReady', 'TransportReady']

/** Whether the actor is ready, and what each part of it says that is not. */
export function explainReadiness({ actor }: ActorEvidence): readonly Sentence[] {
  const { name, deletionTimestamp } = actor.metadata
  if (deletionTimestamp !== undefined)
    return [{ text: `It is being deleted since ${deletionTimestamp}.` }]
  const { state, reason, message } = judgeActor(actor)
  if (state === 'unseen') {
    const fix = 'kubectl get pods --all-namespaces --selector app.kubernetes.io/name=asya-operator'
    return [
      {
        text: 'The operator has not looked at its newest version yet.',
        fix: `if that lasts: ${fix}`,
      },
    ]
  }
  if (state === 'ready') return [{ text: `It is ready (${reason}): ${message}.` }]
  const conditions = readConditions(actor)
  const stalled = conditions.filter(({ type, status }) => type === 'Stalled' && status === 'True')
  const open = conditions.filter(({ type, status }) => PARTS.includes(type) && status !== 'True')
  const head =
    state === 'stalled'
      ? 'It is not ready, and does not become so by itself.'
      : open.some(({ status }) => status === 'False')
        ? 'It is not ready.'
        : `It is on its way (${reason}): ${message}.`
  return [{ text: head }, ...[...stalled, ...open].map((one) => toSentence(one, name))]
}

function toSentence({ type, status, reason, message }: Condition, actor: string): Sentence {
  const is = { True: 'is true', False: 'is false' }[status] ?? 'is not known yet'
  const fix = findFix(reason, actor)
  return { text: `${type} ${is} (${reason}): ${message}.`, ...(fix !== undefined && { fix }) }
}

/** What mends it, by the word of the operator, of Kubernetes or of KEDA. */
const FIXES: Readonly<Record<string, (actor: string) => string>> = {
  ImagePullBackOff: () =>
    'check the name and tag of the image, and that the cluster may pull it (imagePullSecrets of the pod)',
  ErrImagePull: () =>
    'check the name and tag of the image, and that the cluster may pull it (imagePullSecrets of the pod)',
  InvalidImageName: () => 'correct the image in the project, and deploy again',
  CrashLoopBackOff: (actor) =>
    `see what it says: kubectl logs --selector asya.io/actor=${actor} --all-containers --previous`,
  CreateContainerConfigError: () =>
    'make the Secret or ConfigMap that it names, or correct the name in env',
  Unschedulable: () =>
    'no node takes the pod: ask for less (resources), allow other nodes (nodeSelector, tolerations), or add nodes',
  FailedCreate: () =>
    'see the reason above: a quota, a policy of the namespace, or a missing service account',
  ProgressDeadlineExceeded: (actor) =>
    `see its pods: kubectl get pods --selector asya.io/actor=${actor}`,
  KedaNotInstalled: () => 'install KEDA 2.16 or later, or turn scaling off (asya scale --replicas)',
  KedaHasNotSaid: () => 'if that lasts, KEDA is not running: kubectl get pods --namespace keda',
  NotConsuming: (actor) =>
    `see what the sidecar waits for: kubectl logs --selector asya.io/actor=${actor} --container asya-sidecar`,
  SidecarFails: (actor) =>
    `see what the sidecar says: kubectl logs --selector asya.io/actor=${actor} --container asya-sidecar --previous`,
  QueueNotCounted: () => COUNTING,
  TriggerError: () => COUNTING,
  ScaledObjectCheckFailed: () => COUNTING,
  Fallback: () => COUNTING,
}

const COUNTING =
  'KEDA asks the management API of RabbitMQ: check transport.rabbitmq (host, management, vhost), the ' +
  'Secret with the password, and that the user has the tag monitoring'

export function findFix(reason: string, actor: string): string | undefined {
  return Object.hasOwn(FIXES, reason) ? FIXES[reason]?.(actor) : undefined
}
