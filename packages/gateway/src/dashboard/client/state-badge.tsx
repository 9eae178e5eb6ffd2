import type { StepState } from './job-life.ts'
import type { JobState } from './wire.ts'

const SIGNS: Readonly<Record<JobState | 'stalled', string>> = {
  pending: '◌',
  running: '▸',
  succeeded: '✓',
  failed: '✗',
  cancelled: '■',
  stalled: '‖',
}

/** A state as a sign, a word and a colour: each tells it alone. */
export function StateBadge({ state, isStalled }: { state: JobState; isStalled: boolean }) {
  const shown = isStalled ? 'stalled' : state
  return (
    <span
      class={`badge ${shown}`}
      title={isStalled ? 'Nothing was heard of it for a while. It may go on.' : undefined}
    >
      <span aria-hidden="true">{SIGNS[shown]}</span> {shown}
    </span>
  )
}

export const STEP_SIGNS: Readonly<Record<StepState, string>> = {
  waiting: '◌',
  active: '▸',
  done: '✓',
  failed: '✗',
  stopped: '–',
}
