import { Command } from 'commander'
import { compactCommand } from './commands/compact.ts'
import { devCommand } from './commands/dev.ts'
import { doctorCommand } from './commands/doctor.ts'
import { eraseCommand } from './commands/erase.ts'
import { eventsCommand } from './commands/events.ts'
import { exportCommand } from './commands/export.ts'
import { importCommand } from './commands/import.ts'
import { initCommand } from './commands/init.ts'
import { profileCommand } from './commands/profile.ts'
import { replayCommand } from './commands/replay.ts'
import { sendCommand } from './commands/send.ts'
import { sqlCommand } from './commands/sql.ts'
import { statsCommand } from './commands/stats.ts'
import { suppressCommand } from './commands/suppress.ts'
import { tailCommand } from './commands/tail.ts'
import { verifyCommand } from './commands/verify.ts'
import { whyCommand } from './commands/why.ts'

/** In the order of the help. */
const COMMANDS = [
  devCommand,
  initCommand,
  doctorCommand,
  sendCommand,
  tailCommand,
  eventsCommand,
  profileCommand,
  whyCommand,
  importCommand,
  exportCommand,
  sqlCommand,
  statsCommand,
  replayCommand,
  compactCommand,
  eraseCommand,
  suppressCommand,
  verifyCommand,
]

/** The whole command line. Nothing runs before it is given arguments. */
export function createProgram(): Command {
  const program = new Command('tributary')
    .description('First-party event tracking that you own.')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 could not be done, 2 wrong command line or configuration, 3 done in part.
Configuration: flags, then the environment, then tributary.json. See docs/cli.md.`,
    )
    .showHelpAfterError('Try --help.')
  for (const create of COMMANDS) {
    const command = create()
    command.exitOverride().configureHelp({ showGlobalOptions: false })
    program.addCommand(command)
  }
  return program.exitOverride()
}
