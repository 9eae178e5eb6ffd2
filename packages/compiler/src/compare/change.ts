import type { Json } from '../model/model.ts'
import type { Contract } from './contract.ts'

/** Who cannot go on as before. */
export type Party = 'producers' | 'consumers'

/** One thing that differs between two versions. */
export interface Change {
  readonly kind: Contract['kind']
  /** Of the actor, pipeline or application. */
  readonly name: string
  /** Key of the channel; undefined: it is not of one channel. */
  readonly channel?: string | undefined
  readonly part: 'actor' | 'pipeline' | 'application' | 'queue' | 'input' | 'output' | 'steps'
  /** `$.items[].at`, inside the payload; undefined: it is about the whole. */
  readonly member?: string | undefined
  readonly change: 'added' | 'removed' | 'moved' | 'narrowed' | 'widened' | 'changed'
  /** Empty: it is compatible. */
  readonly breaks: readonly Party[]
  /** `false`: it cannot be told whether it breaks, so it counts as if it did. */
  readonly isCertain: boolean
  /** Sentences. */
  readonly why: string
  /** A value of that member that shows it. */
  readonly example?: Json | undefined
}
