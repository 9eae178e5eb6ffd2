import { useEffect, useRef } from 'preact/hooks'

interface ConfirmDialogProps {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly no: string
  readonly onAnswer: (isYes: boolean) => void
}

/** Asks before something is done that cannot be undone. The browser keeps the focus in it, and gives it back. */
export function ConfirmDialog({ title, text, yes, no, onAnswer }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const answer = (isYes: boolean): void => {
    dialog.current?.close()
    onAnswer(isYes)
  }
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onCancel={() => onAnswer(false)}>
      <h2 id="dialog-title">{title}</h2>
      <p>{text}</p>
      <div class="actions">
        <button class="danger" type="button" onClick={() => answer(true)}>
          {yes}
        </button>
        <button type="button" onClick={() => answer(false)}>
          {no}
        </button>
      </div>
    </dialog>
  )
}
