import { useEffect, useRef, useState } from 'preact/hooks'
import type { JobFilterQuery } from './use-jobs.ts'
import { STATES, type JobState, type Summary, type Tool } from './wire.ts'

interface JobFilterProps {
  readonly filter: JobFilterQuery
  readonly change: (next: Partial<JobFilterQuery>) => void
  readonly summary: Summary | undefined
  readonly tools: readonly Tool[] | undefined
}

/** Which jobs the list shows: by state, pipeline and text. */
export function JobFilter({ filter, change, summary, tools }: JobFilterProps) {
  const states = filter.state === '' ? [] : filter.state.split(',')
  const toggle = (state: JobState): void => {
    const next = states.includes(state)
      ? states.filter((other) => other !== state)
      : [...states, state]
    change({ state: next.join() })
  }
  const names = new Set([
    ...(tools ?? []).map(({ name }) => name),
    // Jobs outlive the tools that they were called by.
    ...Object.keys(summary?.tools ?? {}),
    ...(filter.tool === '' ? [] : [filter.tool]),
  ])
  return (
    <search class="filter">
      <fieldset class="states">
        <legend class="unseen">State</legend>
        {STATES.map((state) => (
          <button
            key={state}
            type="button"
            class={`chip ${state}`}
            aria-pressed={states.includes(state)}
            onClick={() => toggle(state)}
          >
            {state}
            <span class="count" title="In the last 24 hours">
              {countOf(summary, state, filter.tool)}
            </span>
          </button>
        ))}
      </fieldset>
      <label class="field">
        <span class="unseen">Pipeline</span>
        <select
          value={filter.tool}
          onChange={(event) => change({ tool: event.currentTarget.value })}
        >
          <option value="">All pipelines</option>
          {[...names].sort().map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <SearchField text={filter.text} onText={(text) => change({ text })} />
    </search>
  )
}

const TYPING_MS = 250

/** Searches once one has stopped typing. */
function SearchField({ text, onText }: { text: string; onText: (text: string) => void }) {
  const [typed, setTyped] = useState(text)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    setTyped(text)
    return () => clearTimeout(timer.current)
  }, [text])
  const type = (next: string): void => {
    setTyped(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onText(next.trim()), TYPING_MS)
  }
  return (
    <label class="field search">
      <span class="unseen">Search in ids, progress and errors</span>
      <input
        type="search"
        placeholder="Search ids, progress, errors"
        maxLength={200}
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </label>
  )
}

function countOf(summary: Summary | undefined, state: JobState, tool: string): string {
  if (!summary) return '–'
  const counts = Object.entries(summary.tools)
    .filter(([name]) => tool === '' || name === tool)
    .map(([, { states }]) => states[state] ?? 0)
  return counts.reduce((sum, count) => sum + count, 0).toLocaleString('en')
}
