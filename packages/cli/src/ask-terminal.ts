import { createInterface } from 'node:readline'

/**
 * Asks the person at the terminal, on stderr: stdout is for results.
 *
 * @returns The line without the spaces around it; `undefined` where there is none: Ctrl-C, Ctrl-D, or the terminal has gone.
 */
export function askTerminal(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  return new Promise((done) => {
    lines.on('close', () => done(undefined))
    lines.question(question, (answer) => {
      done(answer.trim())
      lines.close()
    })
  })
}
