import type { Logger } from '@asya/service/logger'
import { CHILD_RESOURCES } from '../desired/index.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { KubeObject, Resource } from '../kube/kube-object.ts'
import { readKey } from '../kube/object-store.ts'
import { ASYNC_ACTORS } from '../kube/resources.ts'
import type { OperatorMetrics } from '../metrics.ts'
import { listFlips } from '../reconcile/list-flips.ts'
import type { Status } from '../reconcile/make-status.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import type { Write } from '../reconcile/plan-writes.ts'
import type { Hands } from '../reconcile/surroundings.ts'
import type { EventRecorder } from './event-recorder.ts'

/** Everything but replicas. */
const MANAGER = 'asya-operator'
/** Replicas alone: they are never given up, so that nothing falls back to 1 when KEDA takes over. */
const REPLICAS_MANAGER = 'asya-operator-replicas'
const STATUS_MANAGER = 'asya-operator-status'

export interface HandsParts {
  readonly client: KubeClient
  readonly events: EventRecorder
  readonly logger: Logger
  readonly metrics: OperatorMetrics
}

/** Writes to the API server, and says so. */
export class KubeHands implements Hands {
  readonly #parts: HandsParts

  constructor(parts: HandsParts) {
    this.#parts = parts
  }

  async apply(write: Exclude<Write, { type: 'delete' }>): Promise<KubeObject> {
    const { object, type } = write
    const manager = type === 'apply' ? MANAGER : REPLICAS_MANAGER
    const answer = await this.#parts.client.apply(resourceOf(object), object, { manager })
    this.#say(object, type)
    return answer
  }

  async remove(object: KubeObject): Promise<void> {
    const { uid } = object.metadata
    await this.#parts.client.remove(resourceOf(object), readKey(object), {
      ...(uid !== undefined && { uid }),
      propagation: 'Background',
    })
    this.#say(object, 'delete')
  }

  async get(object: KubeObject): Promise<KubeObject | undefined> {
    return this.#parts.client.get(resourceOf(object), readKey(object))
  }

  async applyStatus(actor: StoredActor, status: Status): Promise<void> {
    const { apiVersion, kind, metadata } = actor
    const { name, namespace } = metadata
    const object = { apiVersion, kind, metadata: { name, namespace }, status }
    await this.#parts.client.apply(ASYNC_ACTORS, object, {
      manager: STATUS_MANAGER,
      subresource: 'status',
    })
    this.#parts.metrics.countWrite(kind, 'status')
  }

  tell(actor: StoredActor, { before, after }: { before: Status | undefined; after: Status }): void {
    for (const { type, status, reason, message } of listFlips(before, after)) {
      const isBad = type === 'Stalled' ? status === 'True' : status === 'False'
      this.#parts.events.record(actor, {
        type: isBad ? 'Warning' : 'Normal',
        reason,
        action: 'Reconcile',
        note: `${type} is ${status}: ${message}`,
      })
    }
  }

  #say(object: KubeObject, verb: 'apply' | 'apply-replicas' | 'delete'): void {
    const { kind, metadata } = object
    this.#parts.metrics.countWrite(kind, verb === 'delete' ? 'delete' : 'apply')
    const { namespace, name } = metadata
    this.#parts.logger.info({ kind, namespace, name, verb }, 'wrote')
  }
}

const RESOURCES = new Map(
  CHILD_RESOURCES.map((resource) => [`${resource.apiVersion}/${resource.kind}`, resource]),
)

function resourceOf({ apiVersion, kind }: KubeObject): Resource {
  const found = RESOURCES.get(`${apiVersion}/${kind}`)
  if (found === undefined) throw new Error(`${apiVersion} ${kind} is no kind of the operator's`)
  return found
}
