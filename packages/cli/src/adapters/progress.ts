/** Time between two drawings. */
const INTERVAL_MS = 200
const WIDTH = 24

/** A bar on a terminal's last line; nothing anywhere else. */
export interface Progress {
  /** How far it is, from 0 to 1, and what to say about it. */
  show(part: number, text: string): void
  /** Takes the bar away. */
  end(): void
}

/** On stderr, and only where that is a terminal: a log file has no use for it. */
export function createProgress(): Progress {
  const { stderr } = process
  if (!stderr.isTTY) return { show: () => undefined, end: () => undefined }
  const startedAt = Date.now()
  let shownAt = 0
  return {
    show(part, text) {
      const now = Date.now()
      if (now - shownAt < INTERVAL_MS) return
      shownAt = now
      const line = `${bar(part)}  ${text}${remaining(part, now - startedAt)}`
      stderr.write(`\r\u001b[K${line.slice(0, (stderr.columns || 80) - 1)}`)
    },
    end() {
      stderr.write('\r\u001b[K')
    },
  }
}

function bar(part: number): string {
  const bounded = Math.min(Math.max(part, 0), 1)
  const full = Math.round(bounded * WIDTH)
  const percent = String(Math.floor(bounded * 100)).padStart(3)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %`
}

/** By the pace so far; nothing for the first seconds, in which it would mislead. */
function remaining(part: number, elapsedMs: number): string {
  if (part < 0.02 || elapsedMs < 2000) return ''
  const seconds = Math.round((elapsedMs / part - elapsedMs) / 1000)
  return `  ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`
}
