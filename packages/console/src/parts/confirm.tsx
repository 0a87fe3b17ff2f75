import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'

interface ConfirmProps {
  /** What the button says. */
  action: string
  /** What will happen, said before it does. */
  question: string
  /** A text to be typed first, where there is no way back. */
  typed?: string
  onConfirm: () => Promise<void>
}

/** A button that asks first. */
export function Confirm({ action, question, typed, onConfirm }: ConfirmProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const [isBusy, setBusy] = useState(false)
  const confirm = async () => {
    setBusy(true)
    await onConfirm()
    setBusy(false)
    dialog.current?.close()
  }
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        {action} …
      </button>
      <dialog ref={dialog} aria-label={action}>
        <p>{question}</p>
        {typed !== undefined && (
          <label>
            Type <code>{typed}</code> to go on
            <input
              value={text}
              autocomplete="off"
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
          </label>
        )}
        <div class="choices">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="button"
            class="danger"
            disabled={isBusy || (typed !== undefined && text !== typed)}
            onClick={() => void confirm()}
          >
            {isBusy ? 'Working …' : action}
          </button>
        </div>
      </dialog>
    </>
  )
}
