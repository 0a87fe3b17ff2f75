import { type Command, CommanderError } from 'commander'
import { CliError, EXIT } from './cli-error.ts'
import { createProgram } from './program.ts'

/** Runs the command line and gives the exit code; every failure is one line on stderr. */
async function run(args: string[]): Promise<number> {
  try {
    await createProgram().hook('preAction', endWithReader).parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? EXIT.done)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const { code, message, exitCode } = asCliError(error)
    const asJson = args.includes('--json')
    process.stderr.write(
      asJson ? `${JSON.stringify({ error: { code, message } })}\n` : `${code}: ${message}\n`,
    )
    return exitCode
  }
}

/** Who reads the results may have seen enough (`tributary events | head`). A collector goes on without a reader. */
function endWithReader(_program: Command, command: Command): void {
  if (command.name() === 'dev') return
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed)
  })
}

/** What nobody has foreseen is told too, and still in one line; TRIBUTARY_DEBUG shows where it came from. */
function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error
  if (process.env.TRIBUTARY_DEBUG) console.error(error)
  const { code, message } = error as NodeJS.ErrnoException
  return new CliError(typeof code === 'string' ? code : 'failed', message.split('\n')[0] as string)
}

process.exitCode = await run(process.argv.slice(2))
