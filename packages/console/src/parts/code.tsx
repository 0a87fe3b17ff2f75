import type { JSX } from 'preact'
import { useState } from 'preact/hooks'

interface CodeProps {
  label: string
  text: string
}

/** Text to read and to copy. */
export function Code({ label, text }: CodeProps): JSX.Element {
  return (
    <figure class="code">
      <figcaption>
        {label}
        <Copy text={text} label={label} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  )
}

/** A button that copies. */
export function Copy({ text, label }: CodeProps): JSX.Element {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(setCopied, 1500, false)
  }
  return (
    <button type="button" class="plain" onClick={() => void copy()} aria-label={`Copy: ${label}`}>
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy'}</span>
    </button>
  )
}
