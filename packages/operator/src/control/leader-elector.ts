import { setTimeout as sleep } from 'node:timers/promises'
import { KubeError } from '../kube/errors.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import { LEASES } from '../kube/resources.ts'
import { toMicroTime } from './micro-time.ts'

/**
 * One leader among several processes, by a Lease:
 *
 *   idle → waiting → leading → lost; from each of them → closed
 *
 * L1 Nobody takes a lease that another holds before its record stood unchanged for the whole duration
 *    (15 s), by one's own monotonic clock; what the record says of times is for people. A holder that
 *    could not renew for 10 s, counted from the beginning of its last good attempt, leads no more.
 *    So there are never two, unless a clock runs half as fast again as the other.
 * L2 An attempt that hangs is given up in time for another one before the 10 s are over.
 * L3 Who has lost the lease never leads again: `onLoss` ends the process.
 * L4 A closed leader gives the lease back, so that the next one need not wait. It must have ended its
 *    work before that.
 * L5 Whoever has our identity is us: a restarted container goes on with the lease of the one before.
 */
export class LeaderElector {
  readonly #options: ElectorOptions
  readonly #timing: ElectorTiming
  readonly #closing = new AbortController()
  #phase: Phase = { type: 'idle' }
  #running: Promise<void> = Promise.resolve()
  /** The record as we saw it last, and since when it has been so. */
  #seen: { readonly version: string; readonly at: number } | undefined

  constructor(options: ElectorOptions) {
    this.#options = options
    this.#timing = { ...TIMING, ...options.timing }
  }

  get isLeading(): boolean {
    return this.#phase.type === 'leading'
  }

  start(): void {
    if (this.#phase.type !== 'idle') return
    this.#phase = { type: 'waiting' }
    this.#running = this.#run()
  }

  /** L4. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    const phase = this.#phase
    this.#phase = { type: 'closed' }
    if (phase.type !== 'leading') return
    clearTimeout(phase.deadline)
    await this.#limit(this.#release(phase.lease)).catch(() => undefined)
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted && this.#phase.type !== 'lost') {
      try {
        await this.#limit(this.#attempt(performance.now()))
      } catch (error) {
        this.#options.onFailure?.(error)
      }
      const waitMs = this.#timing.retryMs * (1 + Math.random() / 5)
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** L2 */
  async #limit(work: Promise<void>): Promise<void> {
    const abort = new AbortController()
    const limitMs = this.#timing.renewMs / 2
    const late = sleep(limitMs, undefined, { signal: abort.signal }).then(() => {
      throw new Error(`the API server did not answer about the lease within ${limitMs} ms`)
    })
    late.catch(() => undefined)
    work.catch(() => undefined)
    try {
      await Promise.race([work, late])
    } finally {
      abort.abort()
    }
  }

  async #attempt(startedAt: number): Promise<void> {
    const { client, namespace, name } = this.#options
    const lease =
      this.#phase.type === 'leading'
        ? this.#phase.lease
        : await client.get(LEASES, { namespace, name })
    try {
      await this.#claim(lease, startedAt)
    } catch (error) {
      if (!(error instanceof KubeError) || error.next !== 'read') throw error
      // Somebody else wrote meanwhile: whoever it is, is in the lease now.
      await this.#claim(await client.get(LEASES, { namespace, name }), startedAt)
    }
  }

  async #claim(lease: KubeObject | undefined, startedAt: number): Promise<void> {
    const { client, identity } = this.#options
    if (lease === undefined) {
      this.#hold(await client.create(LEASES, this.#makeLease()), startedAt)
      return
    }
    const spec = readSpec(lease)
    const isOurs = spec.holderIdentity === identity
    if (!isOurs && this.#phase.type === 'leading') {
      this.#lose(`${spec.holderIdentity ?? 'nobody'} holds the lease`)
      return
    }
    if (!isOurs && !this.#isFree(lease)) return
    this.#hold(await client.replace(LEASES, this.#renew(lease)), startedAt)
  }

  /** L1 */
  #isFree(lease: KubeObject): boolean {
    const { resourceVersion: version = '' } = lease.metadata
    const { holderIdentity, leaseDurationSeconds = 0 } = readSpec(lease)
    const now = performance.now()
    if (this.#seen?.version !== version) this.#seen = { version, at: now }
    return !holderIdentity || now - this.#seen.at >= leaseDurationSeconds * 1_000
  }

  #makeLease(): KubeObject {
    const { namespace, name } = this.#options
    return {
      apiVersion: LEASES.apiVersion,
      kind: LEASES.kind,
      metadata: { namespace, name },
      spec: { ...this.#sign(), acquireTime: toMicroTime(new Date()), leaseTransitions: 0 },
    }
  }

  #renew(lease: KubeObject): KubeObject {
    const spec = readSpec(lease)
    if (spec.holderIdentity === this.#options.identity)
      return { ...lease, spec: { ...spec, ...this.#sign() } }
    const leaseTransitions = (spec.leaseTransitions ?? 0) + 1
    const acquireTime = toMicroTime(new Date())
    return { ...lease, spec: { ...spec, ...this.#sign(), acquireTime, leaseTransitions } }
  }

  #sign(): LeaseSpec {
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#timing.leaseMs / 1_000),
      renewTime: toMicroTime(new Date()),
    }
  }

  #hold(lease: KubeObject, startedAt: number): void {
    const before = this.#phase
    // An answer that comes too late, or after the end, changes nothing any more.
    if (before.type !== 'waiting' && before.type !== 'leading') return
    if (before.type === 'leading' && before.renewedAt > startedAt) return
    const { renewMs } = this.#timing
    const leftMs = startedAt + renewMs - performance.now()
    if (leftMs <= 0) return
    if (before.type === 'leading') clearTimeout(before.deadline)
    const deadline = setTimeout(
      () => this.#lose(`the lease could not be renewed within ${renewMs} ms`),
      leftMs,
    )
    this.#phase = { type: 'leading', lease, renewedAt: startedAt, deadline }
    if (before.type === 'waiting') this.#options.onLead()
  }

  /** L3 */
  #lose(reason: string): void {
    if (this.#phase.type !== 'leading') return
    clearTimeout(this.#phase.deadline)
    this.#phase = { type: 'lost' }
    this.#options.onLoss(reason)
  }

  async #release(lease: KubeObject): Promise<void> {
    const spec = {
      ...readSpec(lease),
      holderIdentity: undefined,
      leaseDurationSeconds: 1,
      renewTime: toMicroTime(new Date()),
    }
    await this.#options.client.replace(LEASES, { ...lease, spec })
  }
}

type Phase =
  | { readonly type: 'idle' | 'waiting' | 'lost' | 'closed' }
  | {
      readonly type: 'leading'
      readonly lease: KubeObject
      /** When its last good attempt began. */
      readonly renewedAt: number
      /** L1: when it fires, we lead no more. */
      readonly deadline: NodeJS.Timeout
    }

export interface ElectorOptions {
  readonly client: KubeClient
  /** The Lease: it is made if there is none. */
  readonly namespace: string
  readonly name: string
  /** Ours alone: the name of the pod. */
  readonly identity: string
  readonly onLead: () => void
  /** Another one may lead now. */
  readonly onLoss: (reason: string) => void
  /** An attempt failed; another follows. */
  readonly onFailure?: (error: unknown) => void
  readonly timing?: Partial<ElectorTiming>
}

export interface ElectorTiming {
  readonly leaseMs: number
  /** Below leaseMs. */
  readonly renewMs: number
  readonly retryMs: number
}

const TIMING: ElectorTiming = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 }

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly leaseTransitions?: number
  readonly acquireTime?: string
  readonly renewTime?: string
}

function readSpec(lease: KubeObject): LeaseSpec {
  return Object(lease['spec']) as LeaseSpec
}
