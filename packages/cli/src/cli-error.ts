/** Exit codes of every command (docs/cli.md). */
export const EXIT = {
  /** All of it was done. */
  done: 0,
  /** It could not be done: the collector, a file or the network stood in the way. */
  failed: 1,
  /** The command line or the configuration is wrong, or nobody has confirmed; nothing was done. */
  usage: 2,
  /** It was done, and some of it was refused: rows of an import, checks of a deployment. */
  partly: 3,
} as const

/** Something that the person at the terminal can mend: shown as one line, never with a stack trace. */
export class CliError extends Error {
  readonly code: string
  readonly exitCode: number

  /**
   * @param code For programs, such as `unreachable`.
   * @param message What is wrong and what to do about it, in whole sentences.
   */
  constructor(code: string, message: string, exitCode: number = EXIT.failed) {
    super(message)
    this.code = code
    this.exitCode = exitCode
  }
}

/** A wrong command line or configuration. */
export function usageError(code: string, message: string): CliError {
  return new CliError(code, message, EXIT.usage)
}
