import { useEffect, useRef } from 'preact/hooks'

interface ConfirmDialogProps {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly no: string
  readonly onAnswer: (isYes: boolean) => void
}

const YES = 'yes'

/** Asks before something is done that cannot be undone. The browser keeps the focus in it, and gives it back. */
export function ConfirmDialog({ title, text, yes, no, onAnswer }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const answer = (value: string): void => dialog.current?.close(value)
  // Only once it is closed: the focus has gone back by then.
  const onClose = (): void => onAnswer(dialog.current?.returnValue === YES)
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <h2 id="dialog-title">{title}</h2>
      <p>{text}</p>
      <div class="actions">
        <button class="danger" type="button" onClick={() => answer(YES)}>
          {yes}
        </button>
        <button type="button" onClick={() => answer('')}>
          {no}
        </button>
      </div>
    </dialog>
  )
}
