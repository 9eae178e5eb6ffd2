import { useState } from 'preact/hooks'
import { keepToken } from './api.ts'

/** Asks for the token, which stays in this tab. */
export function TokenForm({ wasRefused }: { wasRefused: boolean }) {
  const [text, setText] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    if (text.trim() !== '') keepToken(text.trim())
  }
  return (
    <form class="token panel" onSubmit={submit}>
      <h1 tabIndex={-1}>Who are you?</h1>
      <p>
        This gateway wants a token. It is kept in this tab only, and forgotten when the tab is
        closed.
      </p>
      {wasRefused && (
        <p class="mistake" role="alert" id="token-mistake">
          ✗ The gateway does not take this token: it is unknown, or it has expired.
        </p>
      )}
      <label for="token">Token</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        spellcheck={false}
        value={text}
        aria-invalid={wasRefused}
        aria-describedby={wasRefused ? 'token-mistake' : undefined}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button class="primary" type="submit">
        Continue
      </button>
    </form>
  )
}
