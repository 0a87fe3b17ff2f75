import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { askTerminal } from '../ask-terminal.ts'
import { usageError } from '../cli-error.ts'
import { printLine } from '../output.ts'

interface InitOptions {
  name?: string
  origin?: string
  yes?: boolean
  json?: boolean
}

/** `examples/edge-collector`, as the build has put it beside this program. */
const TEMPLATE = fileURLToPath(new URL('../template', import.meta.url))

const DEFAULT_ORIGIN = 'https://example.com'

export function initCommand(): Command {
  return new Command('init')
    .summary('write a collector of your own, ready to be deployed')
    .description(
      'Writes a collector for Cloudflare into a folder: one Worker, its configuration, keys of its own. Asks two questions at a terminal; needs no network.',
    )
    .argument('[folder]', 'an empty or new folder', 'tributary-collector')
    .option('--name <name>', 'of the Worker; by default the name of the folder')
    .option('--origin <origin>', `of the site whose pages send, such as ${DEFAULT_ORIGIN}`)
    .option('--yes', 'ask nothing')
    .option('--json', 'print what was written as JSON; asks nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  tributary init\n  tributary init collector --origin https://shop.example --yes',
    )
    .action(init)
}

async function init(target: string, options: InitOptions): Promise<void> {
  const folder = resolve(target)
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw usageError('folder_not_empty', `${folder} is not empty; name another folder.`)
  }
  const { name, origin } = await ask(folder, options)
  const keys = {
    writeKey: `wk_${randomBytes(16).toString('hex')}`,
    serverKey: `wk_${randomBytes(24).toString('hex')}`,
    adminToken: randomBytes(32).toString('hex'),
  }
  mkdirSync(folder, { recursive: true })
  cpSync(TEMPLATE, folder, { recursive: true })
  change(folder, 'wrangler.jsonc', [
    ['"name": "tributary-collector"', `"name": "${name}"`],
    ['tributary-lake', `${name}-lake`],
  ])
  change(folder, 'package.json', [['"name": "tributary-edge-collector"', `"name": "${name}"`]])
  change(folder, 'src/index.ts', [
    ['wk_replace_me_web', keys.writeKey],
    [DEFAULT_ORIGIN, origin],
  ])
  writeFileSync(
    join(folder, '.gitignore'),
    'node_modules/\n.wrangler/\n.dev.vars\npublic/tributary.*js\n',
  )
  const secrets = `TRIBUTARY_ADMIN_TOKEN=${keys.adminToken}\nSERVER_WRITE_KEY=${keys.serverKey}\n`
  writeFileSync(join(folder, '.dev.vars'), secrets, { mode: 0o600 })
  writeFileSync(join(folder, 'README.md'), readme(name, origin, keys.writeKey))
  await printLine(
    options.json
      ? JSON.stringify({ folder, name, origin, writeKey: keys.writeKey })
      : nextSteps(target, name),
  )
}

async function ask(
  folder: string,
  options: InitOptions,
): Promise<{ name: string; origin: string }> {
  const isAsking = process.stdin.isTTY && process.stderr.isTTY && !options.yes && !options.json
  const answer = async (question: string, standard: string) => {
    if (!isAsking) return standard
    const line = await askTerminal(`${question} (${standard}): `)
    if (line === undefined) throw usageError('not_answered', 'Nothing was written.')
    return line || standard
  }
  const byFolder = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  const name =
    options.name ?? (await answer('Name of the Worker', byFolder || 'tributary-collector'))
  const origin = options.origin ?? (await answer('Address of your site', DEFAULT_ORIGIN))
  // Cloudflare's rule for the names of Workers and of buckets, with room for "-lake".
  if (!/^[a-z0-9]([a-z0-9-]{0,56}[a-z0-9])?$/.test(name)) {
    throw usageError(
      'invalid_name',
      `"${name}" must be lower-case letters, digits and hyphens, 58 at most.`,
    )
  }
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usageError('invalid_origin', `"${origin}" must be an address such as ${DEFAULT_ORIGIN}.`)
  }
  return { name, origin: url.origin }
}

/** Replaces texts that must be there: a template that has changed must not pass for one that was filled in. */
function change(folder: string, name: string, changes: [string, string][]): void {
  const path = join(folder, name)
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`The template of ${name} has no ${from}.`)
    text = text.replaceAll(from, to)
  }
  writeFileSync(path, text)
}

function readme(name: string, origin: string, writeKey: string): string {
  return `# ${name}

A Tributary collector: one Cloudflare Worker, its Durable Objects, one R2 bucket. Sources and options are in \`src/index.ts\`,
what it runs with in \`wrangler.jsonc\`.

On this machine, with the secrets of \`.dev.vars\`:

\`\`\`sh
npm install
npx wrangler dev
\`\`\`

On Cloudflare:

\`\`\`sh
npx wrangler r2 bucket create ${name}-lake
npx wrangler secret put TRIBUTARY_ADMIN_TOKEN
npx wrangler secret put SERVER_WRITE_KEY
npx wrangler deploy
npx tributary doctor --endpoint https://${name}.<you>.workers.dev --write-key ${writeKey} --origin ${origin}
\`\`\`

On the pages of ${origin}:

\`\`\`html
<script async src="https://${name}.<you>.workers.dev/tributary.js" data-write-key="${writeKey}"></script>
\`\`\`
`
}

function nextSteps(folder: string, name: string): string {
  return `${folder} has a collector named ${name}. Next:
  cd ${folder}
  npm install
  npx wrangler dev       on this machine, with the keys in .dev.vars
  cat README.md          how to deploy it`
}
