/**
 * Lets messages through to the runtime: many at once, or one that is suspected alone (design, S7).
 *
 * G1 Nothing passes while the runtime is absent.
 * G2 A suspect passes only when nobody else is inside, and nobody passes while it is.
 * G3 Suspects go first, in the order in which they came.
 * G4 After `close` everybody who waits, or comes, is turned away.
 * G5 When a call is lost, everybody inside at that moment knows that it had company: which of them
 *    killed the runtime cannot be told.
 */

/** Held by who is inside. */
export interface Ticket {
  readonly isSuspect: boolean
  hadCompany: boolean
}

interface Waiting {
  readonly isSuspect: boolean
  readonly answer: (ticket: Ticket | 'turned-away') => void
}

export class Turnstile {
  readonly #waiting: Waiting[] = []
  readonly #inside = new Set<Ticket>()
  #isOpen = false
  #isClosed = false

  /** Opens when the runtime is there, shuts when it is not (G1). */
  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen
    this.#admit()
  }

  /** Lets it in at once, which is nearly always possible: the runtime is there, and nobody waits. */
  tryEnter(isSuspect: boolean): Ticket | undefined {
    const isFree = this.#isOpen && !this.#isClosed && this.#waiting.length === 0
    return isFree && this.#hasRoomFor(isSuspect) ? this.#letIn(isSuspect) : undefined
  }

  /** Resolves when the message may be served, or must be given back. */
  enter(isSuspect: boolean): Promise<Ticket | 'turned-away'> {
    return new Promise((answer) => {
      const firstInnocent = this.#waiting.findIndex((other) => !other.isSuspect)
      const at = isSuspect && firstInnocent !== -1 ? firstInnocent : this.#waiting.length
      this.#waiting.splice(at, 0, { isSuspect, answer })
      this.#admit()
    })
  }

  leave(ticket: Ticket): void {
    this.#inside.delete(ticket)
    this.#admit()
  }

  /** The runtime was lost with this ticket inside (G5). */
  noteLoss(ticket: Ticket): void {
    if (this.#inside.size < 2) return
    for (const inside of this.#inside) inside.hadCompany = true
    ticket.hadCompany = true
  }

  /**
   * Turns away who waits and is no suspect: the runtime is gone, and another replica may have one.
   * Suspects stay, for elsewhere nobody would know that they are.
   */
  turnAwayInnocents(): void {
    const waiting = this.#waiting.splice(0)
    this.#waiting.push(...waiting.filter((one) => one.isSuspect))
    for (const one of waiting) if (!one.isSuspect) one.answer('turned-away')
  }

  /** Turns everybody away, now and later (G4). */
  close(): void {
    this.#isClosed = true
    this.#admit()
  }

  #admit(): void {
    if (this.#isClosed) {
      for (const waiting of this.#waiting.splice(0)) waiting.answer('turned-away')
      return
    }
    while (this.#isOpen) {
      const [next] = this.#waiting
      if (!next || !this.#hasRoomFor(next.isSuspect)) return
      this.#waiting.shift()
      next.answer(this.#letIn(next.isSuspect))
    }
  }

  #letIn(isSuspect: boolean): Ticket {
    const ticket: Ticket = { isSuspect, hadCompany: false }
    this.#inside.add(ticket)
    return ticket
  }

  /** G2: a suspect waits for an empty room, and others wait for it to leave. */
  #hasRoomFor(isSuspect: boolean): boolean {
    if (isSuspect) return this.#inside.size === 0
    // A suspect is always alone inside.
    const [only] = this.#inside
    return !only?.isSuspect
  }
}
