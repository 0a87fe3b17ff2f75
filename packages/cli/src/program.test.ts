import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { READY_QUERIES } from './core/ready-queries.ts'
import { createProgram } from './program.ts'

const GUIDE = readFileSync(fileURLToPath(new URL('../../../docs/cli.md', import.meta.url)), 'utf8')
const COMMANDS = createProgram().commands

/** Told once for all commands. */
const SHARED = ['--endpoint', '--write-key', '--admin-token', '--config', '--help']

function sectionOf(name: string): string {
  return GUIDE.split(/^## /m).find((section) => section.startsWith(`${name}\n`)) ?? ''
}

function flagsIn(text: string): string[] {
  const flags = [...text.matchAll(/`(--[a-z-]+)/g)].map(([, flag]) => flag as string)
  return [...new Set(flags)].filter((flag) => !SHARED.includes(flag)).sort()
}

test.for(COMMANDS.map((command) => command.name()))(
  'the guide tells every option of %s, and no other',
  (name) => {
    const command = COMMANDS.find((one) => one.name() === name)
    const options = (command?.options ?? []).map(({ long }) => long as string)
    expect(flagsIn(sectionOf(name))).toEqual(
      options.filter((flag) => !SHARED.includes(flag)).sort(),
    )
    expect(GUIDE).toContain(`| [\`${name}\`](#${name}) | ${command?.summary()} |`)
  },
)

test.for(COMMANDS.map((command) => command.name()))(
  'the help of %s has an example that it takes',
  (name) => {
    const command = COMMANDS.find((one) => one.name() === name)
    let help = ''
    command
      ?.configureOutput({
        writeOut: (text) => {
          help += text
        },
      })
      .outputHelp()
    expect(help).toMatch(new RegExp(`Examples:\n(.*\n)*? {2}(\\w+=\\w+ )?tributary ${name}`))
    const examples = help.slice(help.indexOf('Examples:'))
    const known = command?.options.map(({ long }) => long)
    for (const [flag] of examples.matchAll(/(?<= )--[a-z-]+/g)) expect(known).toContain(flag)
  },
)

test('the guide tells the shared options, the ready queries and their settings', () => {
  const shared = GUIDE.split(/^## /m).find((section) => section.startsWith('Which collector')) ?? ''
  for (const flag of SHARED.slice(0, -1)) expect(shared).toContain(`\`${flag}`)
  for (const [name, { settings }] of Object.entries(READY_QUERIES)) {
    const row = GUIDE.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? ''
    for (const [setting, { value }] of Object.entries(settings)) {
      expect(row).toContain(`\`${setting}\`${value ? ` (${value})` : ''}`)
    }
  }
})
