import { parseArgs } from 'node:util'

export interface Options {
  /** Only says how it is used. */
  readonly isHelp: boolean
  readonly isQuick: boolean
  /** Names of rows, or parts of names; empty = all. */
  readonly only: readonly string[]
  /** Replays one trial of each row with this seed. */
  readonly seed: number | undefined
  readonly isJson: boolean
  /** Where the results of trials are kept, and those of earlier runs are found. */
  readonly resultsFile: string | undefined
  /** How many trials run side by side, where they share the broker. */
  readonly lanes: number
}

export const USAGE = `npm run faults -- [--quick] [--only NAME]… [--seed N] [--json] [--lanes N]
                 [--results FILE]

  --quick      a tenth of the trials, with fixed seeds: what CI runs
  --only NAME  the rows whose name has this in it; may be given several times
  --seed N     replays one trial of each row with the seed that a failure printed
  --json       prints the results as JSON
  --results FILE
               keeps the result of each trial there, and makes those that it does not hold:
               a run that was ended goes on where it was
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
  if (values.seed !== undefined && values.results !== undefined)
    throw new UsageError(
      '--seed makes a trial again, of which --results would keep both: leave one out',
    )
  return {
    isHelp: values.help,
    isQuick: values.quick,
    only: values.only,
    seed: values.seed === undefined ? undefined : readCount('--seed', values.seed),
    isJson: values.json,
    resultsFile: values.results,
    lanes: readCount('--lanes', values.lanes) || 1,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        lanes: { type: 'string', default: '4' },
        results: { type: 'string' },
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
