import { randomInt } from 'node:crypto'
import { build, install, runTool } from './steps.mjs'

/**
 * What the command line of a campaign says: `npm run <name> -- <rounds> [seed]`. Ends the process where it says something else.
 *
 * @param {number} usual Rounds where none are given. Without a seed it is one that nobody has seen.
 */
export function readRounds(name, usual) {
  const [rounds = usual, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
  if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed) || seed < 0) {
    console.error(
      `Say how many rounds, and which seed to repeat: npm run ${name} -- ${usual} [seed]`,
    )
    process.exit(1)
  }
  return { rounds, seed }
}

/** Runs tests in their long form: installs and builds what is missing, and ends the process as the tests end. */
export function runLongForm(settings, ...args) {
  install()
  build()
  const env = { ...process.env, ...settings }
  process.exitCode = runTool('vitest', ['run', ...args], { env }) ? 0 : 1
}
