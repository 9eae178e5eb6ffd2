import { bytesToText, parseJson, type Message } from '@asya/protocol'

/**
 * What was sent and what became of it: set arithmetic on ids.
 *
 * lost        confirmed to the client, and not at an end
 * duplicated  came to an end more than once
 * unexpected  never sent, or ended where or as it must not
 * recovered   the client was told of a failure, and it arrived all the same
 */
export interface Tally {
  readonly sent: number
  readonly lost: number
  readonly duplicated: number
  readonly unexpected: number
  readonly recovered: number
}

export type Place = 'happy-end' | 'error-end'

/** How a message must end. */
export interface Expectation {
  readonly place: Place | 'either'
  /** Above 1: the children of a fan-out. */
  readonly outputs?: number
  /** The payload's bytes at the end, as text; not compared when absent. */
  readonly payload?: string
  /** The `type` that its error must have. */
  readonly failure?: string
  /** Why what came is not what must come; undefined when it is. */
  readonly check?: (message: Message) => string | undefined
}

export interface Arrival {
  readonly place: Place
  readonly message: Message
  /** The broker hands it to us once more: no duplicate of the system's making. */
  readonly isRedelivered: boolean
}

interface Entry {
  readonly expectation: Expectation
  state: 'sent' | 'confirmed' | 'unsure'
  /** What came: `self`, or generation and index of a child; how often. */
  readonly arrived: Map<string, number>
  /** How many different children of a generation came. */
  readonly generations: Map<string, number>
  hasEnded: boolean
}

const MAX_REMARKS = 20

export class Ledger {
  readonly #entries = new Map<string, Entry>()
  readonly #waiting = new Map<string, () => void>()
  readonly remarks: string[] = []
  /** Some of those that came more than once. */
  readonly duplicates: string[] = []
  #unexpected = 0
  #duplicated = 0
  #recovered = 0
  #open = 0
  #ended = 0
  lastArrivalAt = 0

  send(id: string, expectation: Expectation): void {
    const come = { arrived: new Map(), generations: new Map() }
    this.#entries.set(id, { expectation, state: 'sent', ...come, hasEnded: false })
  }

  /** The broker has confirmed it to the client: from now on it must not be lost. */
  confirm(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    entry.state = 'confirmed'
    if (!entry.hasEnded) this.#open += 1
  }

  /** Nobody knows whether the broker has it. */
  giveUp(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    entry.state = 'unsure'
    if (entry.hasEnded) this.#recovered += 1
  }

  /** Confirmed messages that have not ended. */
  get open(): number {
    return this.#open
  }

  /** How many have come to an end. */
  get ended(): number {
    return this.#ended
  }

  hasEnded(id: string): boolean {
    return this.#entries.get(id)?.hasEnded ?? false
  }

  whenEnded(id: string): Promise<void> {
    if (this.hasEnded(id)) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  arrive({ place, message, isRedelivered }: Arrival): void {
    this.lastArrivalAt = performance.now()
    const own = this.#entries.get(message.id ?? '')
    const id = own ? message.id : message.parentId
    const entry = this.#entries.get(id ?? '')
    if (!entry || id === undefined) {
      this.remark(`${place} has ${message.id ?? 'a message without id'}, which nobody sent`)
      return
    }
    const problem =
      explainWrongEnd(entry.expectation, place, message) ?? entry.expectation.check?.(message)
    if (problem !== undefined) this.remark(`${message.id ?? id}: ${problem}`)
    const child = own ? undefined : message.branch.at(-1)
    const key = child ? `${child.generation}/${child.index}` : 'self'
    const times = entry.arrived.get(key) ?? 0
    if (times > 0 && !isRedelivered) this.#noteDuplicate(message.id ?? id)
    entry.arrived.set(key, times + 1)
    if (times > 0) return
    const generation = child?.generation ?? 'self'
    const siblings = (entry.generations.get(generation) ?? 0) + 1
    entry.generations.set(generation, siblings)
    const isComplete = !child || siblings === (entry.expectation.outputs ?? 1)
    if (isComplete && !entry.hasEnded) this.#end(id, entry)
  }

  /** An end actor of the trial has served it, so often: it comes to no end that we consume. */
  noteServed(id: string, times: number): void {
    const entry = this.#entries.get(id)
    if (!entry || times === 0) return
    for (let copy = 1; copy < times; copy++) this.#noteDuplicate(id)
    if (!entry.hasEnded) this.#end(id, entry)
  }

  /** It was sent once more than it had to be. */
  noteCopy(id: string): void {
    this.#noteDuplicate(id)
  }

  /** Counts something that must not be. */
  remark(problem: string): void {
    this.#unexpected += 1
    if (this.remarks.length < MAX_REMARKS) this.remarks.push(problem)
  }

  count(): Tally {
    const entries = [...this.#entries]
    const lost = entries.filter(([, entry]) => entry.state === 'confirmed' && !entry.hasEnded)
    return {
      sent: entries.filter(([, entry]) => entry.state === 'confirmed').length,
      lost: lost.length,
      duplicated: this.#duplicated,
      unexpected: this.#unexpected,
      recovered: this.#recovered,
    }
  }

  /** Some of those that are missing, for people. */
  listLost(): readonly string[] {
    return [...this.#entries]
      .filter(([, entry]) => entry.state === 'confirmed' && !entry.hasEnded)
      .slice(0, MAX_REMARKS)
      .map(([id, { arrived }]) => `${id} (${arrived.size} arrived of it)`)
  }

  #noteDuplicate(id: string): void {
    this.#duplicated += 1
    if (this.duplicates.length < MAX_REMARKS) this.duplicates.push(id)
  }

  #end(id: string, entry: Entry): void {
    entry.hasEnded = true
    this.#ended += 1
    if (entry.state === 'confirmed') this.#open -= 1
    if (entry.state === 'unsure') this.#recovered += 1
    this.#waiting.get(id)?.()
    this.#waiting.delete(id)
  }
}

function explainWrongEnd(
  { place: wanted, payload, failure }: Expectation,
  place: Place,
  message: Message,
): string | undefined {
  const error = message.error
    ? (parseJson(message.error) as { type: string; message: string })
    : undefined
  const said = error ? ` (${error.type}: ${error.message})` : ''
  if (wanted !== 'either' && place !== wanted) return `ended at ${place}${said}, not at ${wanted}`
  if (place === 'error-end' && !error) return 'is at error-end and has no error'
  if (failure !== undefined && error && error.type !== failure) {
    return `failed as ${error.type}, not as ${failure}: ${error.message}`
  }
  if (payload !== undefined && bytesToText(message.payload) !== payload) {
    return `its payload was changed: ${bytesToText(message.payload).slice(0, 60)}`
  }
  return undefined
}
