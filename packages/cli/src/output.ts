import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours only where a person looks at them (https://no-color.org). */
export function paint(format: Format, text: string): string {
  const isWanted = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  return isWanted ? styleText(format, text) : text
}

/** One line on stdout. Waits where the reader is slower than we are. */
export async function printLine(line: string): Promise<void> {
  if (process.stdout.write(`${line}\n`)) return
  await new Promise<void>((done) => process.stdout.once('drain', () => done()))
}

/** A remark for a person, on stderr: stdout is for results. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`)
}
