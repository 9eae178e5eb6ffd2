import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ask, explain } from './api.ts'

export interface Data<T> {
  /** Of the last answer; kept while it is asked again, and when that fails. */
  readonly value: T | undefined
  readonly problem: string | undefined
  readonly reload: () => void
}

/** What the gateway answers at `path`; asked again when the path changes, and by `reload`. */
export function useData<T>(path: string | undefined): Data<T> {
  const [state, setState] = useState<{ path?: string; value?: T; problem?: string }>({})
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound((before) => before + 1), [])
  useEffect(() => {
    if (path === undefined) return
    const stopped = new AbortController()
    ask<T>(path, { signal: stopped.signal }).then(
      (value) => setState({ path, value }),
      (error: unknown) => {
        if (stopped.signal.aborted) return
        setState((before) => ({
          path,
          ...(before.path === path && before.value !== undefined && { value: before.value }),
          problem: explain(error),
        }))
      },
    )
    return () => stopped.abort()
  }, [path, round])
  const isCurrent = state.path === path
  return {
    value: isCurrent ? state.value : undefined,
    problem: isCurrent ? state.problem : undefined,
    reload,
  }
}

/** Calls `act` every `everyMs` while the page is shown. */
export function useRepeated(act: () => void, everyMs: number): void {
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') latest.current()
    }, everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
