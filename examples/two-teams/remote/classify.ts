// Made by `asya import` from ../team-b/classify.yaml: classify, version 2.1.0.
// Do not edit it: make it again.

import { remoteActor } from '@asya/sdk'

/** A text, with where it came from. */
export interface Note {
  /** @minLength 1 */
  text: string
  source?: string
}

export interface Topic {
  label: 'invoice' | 'complaint' | 'other'
  /**
   * @minimum 0
   * @maximum 1
   */
  confidence: number
}

/** Says what a note is about. */
export const classify = remoteActor<Note, Topic>({ name: 'classify', queue: 'team-b.classify' })
