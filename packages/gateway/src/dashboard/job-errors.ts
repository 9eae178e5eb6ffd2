/** What a person is shown of an error. What it may hold of a payload (`rest`) is under the switch. */
export interface ShownError {
  readonly type: string
  readonly step: string | undefined
  readonly message: string
  readonly exception: string | undefined
  readonly traceback: string | undefined
  readonly attempts: number | undefined
  /** All other members, as JSON. */
  readonly rest: string | undefined
}

/** A job with a thousand failed branches failed for a few reasons. */
const MAX_ERRORS = 50

const MAX_CHARACTERS = 20_000

/** The first errors of a job. They were written by whatever runs there: nothing is sure of them. */
export function showErrors(
  errors: readonly unknown[],
  showsPayloads: boolean,
): readonly ShownError[] {
  return errors.slice(0, MAX_ERRORS).map((error) => showError(error, showsPayloads))
}

function showError(error: unknown, showsPayloads: boolean): ShownError {
  const members = new Map(
    Object.entries(typeof error === 'object' && error !== null ? error : { message: error }),
  )
  const take = (name: string): string | undefined => {
    const value: unknown = members.get(name)
    members.delete(name)
    if (value === undefined || value === null || value === '') return undefined
    return shorten(typeof value === 'string' ? value : JSON.stringify(value))
  }
  const [type = 'error', step, message = '', exception, traceback] = [
    ...[take('type'), take('step'), take('message'), take('exception'), take('traceback')],
  ]
  const attempts: unknown = members.get('attempts')
  members.delete('attempts')
  return {
    ...{ type, step, message, exception, traceback },
    attempts: typeof attempts === 'number' ? attempts : undefined,
    rest:
      showsPayloads && members.size > 0
        ? shorten(JSON.stringify(Object.fromEntries(members)))
        : undefined,
  }
}

function shorten(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text
  return `${text.slice(0, MAX_CHARACTERS)} … (${text.length} characters in all)`
}
