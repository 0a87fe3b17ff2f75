import { readFile } from 'node:fs/promises'
import type { IdentityConfig } from '@tributary/identity'
import { Command } from 'commander'
import { EXIT, usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { clean } from '../core/event-line.ts'
import { printLine, remark } from '../output.ts'
import { compareConfigurations, repair, type VerifyOptions, verify } from '../verify.ts'

interface Options extends ConnectionOptions {
  identity?: string
  candidate?: string
  repair?: boolean
  json?: boolean
}

export function verifyCommand(): Command {
  const command = new Command('verify')
    .summary('recompute every profile from the lake')
    .description(
      'Recomputes every profile from the lake and compares with the live ones; names what differs. With another configuration of identities it tells what that would merge, split and change, and changes nothing.',
    )
    .option('--identity <file>', 'the configuration that the collector runs with, as JSON')
    .option('--candidate <file>', 'another configuration, as JSON: tell what would change')
    .option('--repair', 'have what differs made anew from the lake, and compare again')
    .option('--json', 'print it as JSON')
  return addConnection(command, 'admin')
    .addHelpText(
      'after',
      `
Exit codes: 3 where live profiles and the lake differ; with --repair, where they still do.

Examples:
  tributary verify
  tributary verify --repair
  tributary verify --candidate strict.json`,
    )
    .action(run)
}

async function run(options: Options): Promise<void> {
  const { endpoint, adminToken = '' } = await readConnection(options)
  const given: VerifyOptions = { url: endpoint, adminToken }
  if (options.identity) given.identity = await readConfiguration(options.identity)
  if (options.candidate) {
    const candidate = await readConfiguration(options.candidate)
    return tellChanges({ ...given, candidate }, options.json)
  }
  let found = await verify(given)
  if (options.repair && found.differences.length > 0) {
    remark(`${found.differences.length} differences; their components are made anew from the lake.`)
    await repair(given, found.differences)
    found = await verify(given)
  }
  if (options.json) await printLine(JSON.stringify(found))
  else {
    for (const { kind, component, identifiers } of found.differences) {
      await printLine(`${kind} ${component} ${identifiers.map(clean).join(' ')}`)
    }
    const { records, components, differences } = found
    await printLine(
      `${records} records, ${components} components, ${differences.length} differences`,
    )
  }
  if (found.differences.length > 0) process.exitCode = EXIT.partly
}

async function tellChanges(options: VerifyOptions, asJson = false): Promise<void> {
  const changes = await compareConfigurations(options)
  if (asJson) return printLine(JSON.stringify(changes))
  for (const { type, identifiers } of changes) {
    await printLine(`${type} ${identifiers.map(clean).join(' ')}`)
  }
  await printLine(`${changes.length} changes`)
}

async function readConfiguration(file: string): Promise<IdentityConfig> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as IdentityConfig
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw usageError('config_unreadable', `${file} cannot be read as JSON (${why}).`)
  }
}
