import { Command } from 'commander'
import { EXIT, usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import type { CheckResult } from '../core/doctor-report.ts'
import {
  checkAdmin,
  checkBindings,
  checkCookies,
  checkCors,
  checkEvent,
  checkReach,
  checkScript,
  type Patient,
} from '../doctor-checks.ts'
import { paint, printLine } from '../output.ts'

interface DoctorOptions extends ConnectionOptions {
  origin?: string
  event: boolean
  json?: boolean
}

const MARKS = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'gray' } as const

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('check a deployment')
    .description(
      'Checks a deployment: whether it answers, its keys and bindings, CORS, cookies, clock and backlog, and the way of a test event into the lake and a profile. Ends with 3 where something is wrong.',
    )
    .option('--origin <origin>', 'of the site whose pages send; by default the collector’s own')
    .option('--no-event', 'send no test event')
    .option('--json', 'print the findings as JSON, one a line')
  return addConnection(command, 'write', 'admin')
    .addHelpText(
      'after',
      '\nExamples:\n  tributary doctor\n  tributary doctor --endpoint https://t.example.com --origin https://www.example.com',
    )
    .action(run)
}

async function run(options: DoctorOptions): Promise<void> {
  const connection = await readConnection(options)
  const origin = options.origin ?? connection.endpoint
  if (!URL.canParse(origin)) {
    throw usageError('invalid_origin', `--origin must be an address, not "${origin}".`)
  }
  const patient: Patient = { connection, origin: new URL(origin).origin }
  let isWell = true
  for await (const result of findings(patient, options.event)) {
    if (result.status === 'fail') isWell = false
    await printLine(options.json ? JSON.stringify(result) : line(result))
  }
  if (!isWell) process.exitCode = EXIT.partly
}

async function* findings(patient: Patient, withEvent: boolean): AsyncGenerator<CheckResult> {
  const reach = await checkReach(patient)
  yield reach
  if (reach.status === 'fail') return
  yield await checkBindings(patient)
  yield await checkScript(patient)
  if (patient.connection.adminToken) yield* await checkAdmin(patient)
  else yield missing('admin token', 'TRIBUTARY_ADMIN_TOKEN')
  if (!patient.connection.writeKey) {
    yield missing('write key', 'TRIBUTARY_WRITE_KEY')
    return
  }
  yield await checkCors(patient)
  yield await checkCookies(patient)
  if (withEvent) yield* await checkEvent(patient)
}

function missing(name: string, variable: string): CheckResult {
  return { name, status: 'skip', message: `none was given; set ${variable} to check what needs it` }
}

function line({ name, status, message }: CheckResult): string {
  return `${paint(MARKS[status], status.padEnd(5))}${name.padEnd(13)}${message}`
}
