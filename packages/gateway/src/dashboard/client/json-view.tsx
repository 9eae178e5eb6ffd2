import { useMemo, useState } from 'preact/hooks'
import { announce } from './announce.ts'
import { explain, send } from './api.ts'
import { indentJson } from './indent-json.ts'
import { showBytes } from './show-time.ts'
import type { Excerpt } from './wire.ts'

interface JsonViewProps {
  readonly label: string
  readonly excerpt: Excerpt
  /** Where all of it is. */
  readonly path?: string
  readonly fileName?: string
}

/** A JSON value, or its beginning, with ways to take it away. */
export function JsonView({ label, excerpt, path, fileName }: JsonViewProps) {
  const { text, bytes } = excerpt
  const tokens = useMemo(() => indentJson(text), [text])
  const [problem, setProblem] = useState<string>()
  const isWhole = new TextEncoder().encode(text).length >= bytes
  const download = (): void => {
    if (path === undefined) return
    save(path, fileName ?? 'value.json').catch((error: unknown) => setProblem(explain(error)))
  }
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => announce(`${label} copied`),
      (error: unknown) => setProblem(explain(error)),
    )
  }
  return (
    <figure class="json">
      <figcaption>
        <span>
          {label} <span class="soft">{showBytes(bytes)}</span>
        </span>
        <span class="actions">
          {isWhole && (
            <button class="quiet" type="button" onClick={copy}>
              Copy<span class="unseen"> {label}</span>
            </button>
          )}
          {path !== undefined && (
            <button class="quiet" type="button" onClick={download}>
              Download<span class="unseen"> {label}</span>
            </button>
          )}
        </span>
      </figcaption>
      <pre tabIndex={0} aria-label={label}>
        {tokens.map(({ kind, text: part }, at) => (
          <span key={at} class={kind}>
            {part}
          </span>
        ))}
      </pre>
      {!isWhole && <p class="soft">This is the beginning only.</p>}
      {problem !== undefined && (
        <p class="mistake" role="alert">
          ✗ {problem}
        </p>
      )}
    </figure>
  )
}

/** A link cannot send a token: the value comes by the script, and is then saved. */
async function save(path: string, fileName: string): Promise<void> {
  const blob = await (await send(path)).blob()
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
