/** What is said of one aspect of an actor; a condition without its times. */
export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown'
  /** One word, in CamelCase. */
  readonly reason: string
  /** In words: the culprit, and what mends it. */
  readonly message: string
}

export function yes(reason: string, message: string): Verdict {
  return { status: 'True', reason, message }
}

export function no(reason: string, message: string): Verdict {
  return { status: 'False', reason, message }
}

export function unknown(reason: string, message: string): Verdict {
  return { status: 'Unknown', reason, message }
}
