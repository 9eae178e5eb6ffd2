import { JsonView } from './json-view.tsx'
import type { JobError } from './wire.ts'

interface ErrorListProps {
  readonly errors: readonly JobError[]
  readonly count: number
}

/** What went wrong, with the traceback. */
export function ErrorList({ errors, count }: ErrorListProps) {
  return (
    <>
      <ul class="errors">
        {errors.map((error, at) => (
          <li key={at} class="error">
            <ErrorView error={error} isOpen={errors.length === 1} />
          </li>
        ))}
      </ul>
      {count > errors.length && (
        <p class="soft">
          These are the first {errors.length} of {count}.
        </p>
      )}
    </>
  )
}

export function ErrorView({ error, isOpen }: { error: JobError; isOpen: boolean }) {
  const { type, step, message, exception, traceback, attempts, rest } = error
  return (
    <>
      <p class="what">
        <strong>{type}</strong>
        {step !== undefined && (
          <>
            {' '}
            in <strong>{step}</strong>
          </>
        )}
        {attempts !== undefined && (
          <span class="soft"> after {attempts === 1 ? '1 attempt' : `${attempts} attempts`}</span>
        )}
      </p>
      <p class="message">
        {exception !== undefined && exception !== 'Error' && `${exception}: `}
        {message}
      </p>
      {traceback !== undefined && (
        <details open={isOpen}>
          <summary>Traceback</summary>
          <pre tabIndex={0} aria-label="Traceback">
            {traceback}
          </pre>
        </details>
      )}
      {rest !== undefined && (
        <details>
          <summary>More of the error</summary>
          <JsonView label="More of the error" excerpt={{ text: rest, bytes: rest.length }} />
        </details>
      )}
    </>
  )
}
