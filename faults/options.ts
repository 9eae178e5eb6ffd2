import { parseArgs } from 'node:util'

export interface Options {
  readonly isQuick: boolean
  /** Names of rows, or parts of names; empty = all. */
  readonly only: readonly string[]
  /** Replays one trial of each row with this seed. */
  readonly seed: number | undefined
  readonly isJson: boolean
  /** How many trials run side by side, where they share the broker. */
  readonly lanes: number
}

const USAGE = `npm run faults -- [--quick] [--only NAME]… [--seed N] [--json] [--lanes N]

  --quick      a tenth of the trials, with fixed seeds: what CI runs
  --only NAME  the rows whose name has this in it; may be given several times
  --seed N     replays one trial of each row with the seed that a failure printed
  --json       prints the results as JSON
  --lanes N    so many trials side by side, where they share the broker (4)`

/** What whoever started it can mend. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}\n\n${USAGE}`)
  }

  override toString(): string {
    return this.message
  }
}

/** Throws a UsageError when the arguments are no good. */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parse(argv)
  return {
    isQuick: values.quick,
    only: values.only,
    seed: values.seed === undefined ? undefined : readCount('--seed', values.seed),
    isJson: values.json,
    lanes: readCount('--lanes', values.lanes) || 1,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        lanes: { type: 'string', default: '4' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function readCount(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} ${text}: expected a whole number`)
  return Number(text)
}
