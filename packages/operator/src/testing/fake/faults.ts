/**
 * What goes wrong on purpose:
 *
 * - `reset`: the connection is cut before anything is done
 * - `reset-after`: it is cut when all is done, and the answer is lost
 * - `throttle`: 429, with a Retry-After
 * - `fail`: 500, and nothing is done
 * - `slow`: the answer takes its time
 * - `cut-watch`: a watch is cut in the middle of a line
 * - `silent-watch`: a watch says nothing any more, and does not end
 * - `expire-watch`: a watch says that its version is too old
 * - `repeat-events`: each event of a watch comes twice
 */
export type Fault =
  | 'reset'
  | 'reset-after'
  | 'throttle'
  | 'fail'
  | 'slow'
  | 'cut-watch'
  | 'silent-watch'
  | 'expire-watch'
  | 'repeat-events'

export interface FaultPlan {
  /** The same seed and the same requests in the same order meet the same faults. */
  readonly seed: number
  /** How often each comes, from 0 to 1 of the requests that it may befall. */
  readonly rates: Readonly<Partial<Record<Fault, number>>>
  readonly slowMs?: number
  readonly retryAfterS?: number
}

/** A request as far as faults look at it. */
export interface Suspect {
  readonly method: string
  readonly path: string
  readonly isWatch: boolean
}

const OF_WATCHES: ReadonlySet<Fault> = new Set([
  'cut-watch',
  'silent-watch',
  'expire-watch',
  'repeat-events',
])

interface Planted {
  readonly fault: Fault
  readonly isMeant: (request: Suspect) => boolean
}

export class Faults {
  readonly slowMs: number
  readonly retryAfterS: number
  readonly #rates: FaultPlan['rates']
  readonly #random: () => number
  readonly #planted: Planted[] = []
  #isOn = true

  constructor(plan: FaultPlan = { seed: 1, rates: {} }) {
    this.slowMs = plan.slowMs ?? 200
    this.retryAfterS = plan.retryAfterS ?? 1
    this.#rates = plan.rates
    this.#random = makeRandom(plan.seed)
  }

  /** The next request that is meant meets this fault, once. */
  plant(fault: Fault, isMeant: (request: Suspect) => boolean = () => true): void {
    this.#planted.push({ fault, isMeant })
  }

  /** From now on nothing goes wrong by the plan. */
  stop(): void {
    this.#isOn = false
  }

  choose(request: Suspect): Fault | undefined {
    const index = this.#planted.findIndex(
      ({ fault, isMeant }) => mayBefall(fault, request) && isMeant(request),
    )
    if (index >= 0) return this.#planted.splice(index, 1)[0]?.fault
    if (!this.#isOn) return undefined
    for (const [fault, rate] of Object.entries(this.#rates) as [Fault, number][]) {
      if (mayBefall(fault, request) && this.#random() < rate) return fault
    }
    return undefined
  }

  /** After how many events something befalls a watch. */
  countdown(): number {
    return Math.floor(this.#random() * 4)
  }
}

function mayBefall(fault: Fault, { isWatch }: Suspect): boolean {
  if (fault === 'slow' || fault === 'throttle' || fault === 'fail' || fault === 'reset') return true
  return OF_WATCHES.has(fault) === isWatch
}

/** Numbers from 0 to 1, the same for the same seed. */
function makeRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
