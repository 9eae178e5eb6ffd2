import type { ComponentChildren } from 'preact'

/** Something went wrong between the page and the gateway. */
export function Problem({ text, onRetry }: { text: string; onRetry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        <span aria-hidden="true">✗</span> {text}
      </p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" aria-busy="true">
      Reading {what} …
    </p>
  )
}

interface EmptyProps {
  readonly title: string
  readonly children?: ComponentChildren
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <p class="title">{title}</p>
      {children}
    </div>
  )
}
